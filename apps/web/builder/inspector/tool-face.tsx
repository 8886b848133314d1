"use client";
import type { AgentNode, Json } from "@heddle/schema";
import { FormField } from "@/components/ui/form-field";
import { Input, Textarea } from "@/components/ui/input";
import { useBuilder, useBuilderStore } from "../store/builder-context";
import { SchemaControl } from "./controls/schema-control";

/** How the node presents itself to the model that it is lent to. */
export function ToolFace({ node }: { node: AgentNode }) {
  const store = useBuilderStore();
  const isDisabled = !useBuilder((state) => state.canEdit);
  const problems = useBuilder((state) => state.problems);
  const problemAt = (field: string) => problems.find((problem) => problem.nodeId === node.id && problem.field === field)?.message;
  const face = node.tool ?? { description: "", parameters: { type: "object" as const, properties: {} } };
  const set = (patch: Partial<NonNullable<AgentNode["tool"]>>, merge: string) => {
    const { name, ...next } = { ...face, ...patch };
    store.getState().patchNode(
      node.id,
      {
        tool:
          next.description === "" && name === undefined && Object.keys(next.parameters.properties ?? {}).length === 0
            ? null
            : { ...next, ...(name === undefined || name === "" ? {} : { name }) },
      },
      `tool:${node.id}:${merge}`,
    );
  };
  return (
    <section aria-label="As a tool" className="flex flex-col gap-4 border-t border-line bg-sunken px-4 py-4">
      <h2 className="text-xs font-semibold">
        As a tool <span className="font-normal text-muted">for the model it is attached to</span>
      </h2>
      <div data-field="tool.description">
        <FormField label="When to use it" help="The model reads this to decide." error={problemAt("tool.description") ?? problemAt("tool")}>
          {(control) => (
            <Textarea
              {...control}
              rows={2}
              maxLength={2_000}
              value={face.description}
              disabled={isDisabled}
              placeholder="Looks up an order by its number."
              onChange={(event) => set({ description: event.target.value }, "description")}
            />
          )}
        </FormField>
      </div>
      <div data-field="tool.name">
        <FormField label="Name" help="Left empty: the node's id." error={problemAt("tool.name")}>
          {(control) => (
            <Input
              {...control}
              className="font-mono text-xs"
              value={face.name ?? ""}
              placeholder={node.id}
              disabled={isDisabled}
              onChange={(event) => set({ name: event.target.value.replace(/[^A-Za-z0-9_-]/g, "_").slice(0, 64) }, "name")}
            />
          )}
        </FormField>
      </div>
      <div data-field="tool.parameters">
        <FormField
          label="Arguments"
          help={
            <>
              What the model fills in. Read them above as <code className="font-mono">{"{{ args.name }}"}</code>.
            </>
          }
          error={problemAt("tool.parameters")}
        >
          {(control) => (
            <SchemaControl
              {...control}
              value={face.parameters as Json}
              isDisabled={isDisabled}
              onChange={(value) =>
                set(
                  { parameters: (value ?? { type: "object", properties: {} }) as NonNullable<AgentNode["tool"]>["parameters"] },
                  "parameters",
                )
              }
            />
          )}
        </FormField>
      </div>
    </section>
  );
}
