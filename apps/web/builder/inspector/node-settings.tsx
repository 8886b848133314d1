"use client";
import { scopeSchemaFor } from "@heddle/graph";
import { isContainer, type NodeDefinition } from "@heddle/node-kit";
import type { AgentNode, Json } from "@heddle/schema";
import { useCallback, useDeferredValue, useMemo } from "react";
import { formFieldsOf, isFieldVisible } from "../model/form-field-model.ts";
import { useBuilder, useBuilderStore, useRegistry } from "../store/builder-context";
import { Connections } from "./connections";
import { Disclosure } from "./disclosure";
import { EachItemSettings } from "./each-item";
import { ErrorPolicy } from "./error-policy";
import { ParamField } from "./param-field";
import { ToolFace } from "./tool-face";

/** The form of a node: its params, how it looks as a tool, its wires, and what happens when it fails. */
export function NodeSettings({ node, definition }: { node: AgentNode; definition: NodeDefinition }) {
  const store = useBuilderStore();
  const registry = useRegistry();
  const canEdit = useBuilder((state) => state.canEdit);
  const document = useDeferredValue(useBuilder((state) => state.document));
  const problems = useBuilder((state) => state.problems);
  const isTool = useBuilder((state) =>
    state.document.edges.some(
      (edge) =>
        edge.kind === "attachment" &&
        edge.source.node === node.id &&
        slotAccepts(registry.get(state.nodesById.get(edge.target.node)?.type ?? ""), edge.target.port) === "tool",
    ),
  );
  const fields = useMemo(() => formFieldsOf(definition.params), [definition]);
  const scope = useMemo(() => scopeSchemaFor(document, registry, node.id), [document, registry, node.id]);
  // The list itself is read once, before there is an item.
  const listScope = useMemo(() => {
    if (node.each === undefined) return scope;
    const { each: _each, ...once } = node;
    const nodes = document.nodes.map((candidate) => (candidate.id === node.id ? once : candidate));
    return scopeSchemaFor({ ...document, nodes }, registry, node.id);
  }, [document, registry, node, scope]);
  const problemAt = useCallback(
    (path: string) => problems.find((problem) => problem.nodeId === node.id && problem.field === path)?.message,
    [problems, node.id],
  );

  const params = node.params as Record<string, Json>;
  const shown = fields.filter((field) => isFieldVisible(field, fields, params));
  const row = (field: (typeof fields)[number]) => (
    <ParamField
      key={field.name}
      field={field}
      value={params[field.name]}
      onChange={(value) => store.getState().setParam(node.id, field.name, value)}
      scope={scope}
      siblings={withConnection(fields, params)}
      nodeId={node.id}
      path={`params.${field.name}`}
      problemAt={problemAt}
      isDisabled={!canEdit}
    />
  );
  const advanced = shown.filter((field) => field.isAdvanced);
  const hasAdvancedProblem = problems.some(
    (problem) => problem.nodeId === node.id && advanced.some((field) => problem.field?.startsWith(`params.${field.name}`)),
  );
  return (
    <div>
      <div className="flex flex-col gap-4 px-4 py-4">
        {shown.filter((field) => !field.isAdvanced).map(row)}
        {shown.length === 0 && <p className="text-sm text-muted">This node needs no settings.</p>}
      </div>
      {isTool && <ToolFace node={node} />}
      {advanced.length > 0 && (
        <Disclosure title="More settings" isOpenAtFirst={hasAdvancedProblem}>
          <div className="flex flex-col gap-4">{advanced.map(row)}</div>
        </Disclosure>
      )}
      {(canRunPerItem(definition) || node.each !== undefined) && (
        <Disclosure title="Run once per item" isOpenAtFirst={node.each !== undefined}>
          <EachItemSettings node={node} scope={listScope} problem={problemAt("each.items") ?? problemAt("each")} />
        </Disclosure>
      )}
      <Disclosure title="Connections">
        <Connections nodeId={node.id} />
      </Disclosure>
      {definition.category !== "trigger" && (
        <Disclosure title="When it fails" isOpenAtFirst={node.retry !== undefined || node.onError !== "fail"}>
          <ErrorPolicy node={node} definition={definition} />
        </Disclosure>
      )}
    </div>
  );
}

/** The model's name is chosen from what its connection offers, so that field must know of the connection even when it is empty. */
function withConnection(fields: readonly { name: string }[], params: Record<string, Json>): Record<string, Json> {
  return fields.some((field) => field.name === "connection") && params["connection"] === undefined
    ? { ...params, connection: null }
    : params;
}

/** Triggers run once by nature, containers and merges see to lists by themselves, a go-to only goes back. */
function canRunPerItem(definition: NodeDefinition): boolean {
  return definition.category !== "trigger" && !isContainer(definition) && definition.control !== "goto" && definition.control !== "merge";
}

function slotAccepts(definition: NodeDefinition | undefined, port: string): string | undefined {
  return definition?.attachments.find((slot) => slot.name === port)?.accepts;
}
