import { describeWithArticle, suggest } from "@heddle/expression";
import { type Json, type JsonSchema, type Problem, type StateField, isRecord } from "@heddle/schema";
import { type AgentGraph, nodeLabel } from "./agent-graph.ts";
import { isUnreadable } from "./check-nodes.ts";
import { mayFit } from "./is-assignable.ts";
import { stateSchema } from "./scope-schema.ts";
import type { ScopeTypes } from "./scope-types.ts";
import { fieldsWithControl } from "./visit-templates.ts";

/** Checks the document's state values, and the nodes that change them. */
export function checkState(graph: AgentGraph, types: ScopeTypes): Problem[] {
  const fields = graph.document.state ?? [];
  const byName = new Map<string, StateField>();
  const problems: Problem[] = [];
  for (const [position, field] of fields.entries()) {
    problems.push(...checkField(field, position, byName.has(field.name)));
    if (!byName.has(field.name)) byName.set(field.name, field);
  }
  return [...problems, ...graph.nodes.flatMap((_, index) => checkUpdates(graph, types, { index, byName }))];
}

function checkField({ name, initial, reducer }: StateField, position: number, isTaken: boolean): Problem[] {
  const refuse = (code: string, message: string, field: string): Problem => ({
    code,
    severity: "error",
    message,
    field: `state.${position}.${field}`,
  });
  const problems: Problem[] = [];
  if (isTaken) problems.push(refuse("duplicate_state", `Two state values are called \`${name}\`. Rename one.`, "name"));
  if (isUnreadable(name))
    problems.push(refuse("reserved_id", `No expression may read a state value called \`${name}\`. Rename it.`, "name"));
  if (reducer === "append" && initial !== null && !Array.isArray(initial)) {
    problems.push(refuse("invalid_state", `\`${name}\` is appended to, so it starts as a list. Let it start as [].`, "initial"));
  }
  if (reducer === "add" && initial !== null && typeof initial !== "number") {
    problems.push(refuse("invalid_state", `\`${name}\` is added to, so it starts as a number. Let it start as 0.`, "initial"));
  }
  return problems;
}

interface Place {
  index: number;
  byName: ReadonlyMap<string, StateField>;
}

function checkUpdates(graph: AgentGraph, types: ScopeTypes, { index, byName }: Place): Problem[] {
  const node = graph.nodes[index]!;
  return fieldsWithControl(node.params, graph.definitions[index], "state").flatMap(({ path, value: name }): Problem[] => {
    const field = ["params", ...path].join(".");
    const state = byName.get(name);
    if (state === undefined) {
      const near = suggest(name, byName.keys());
      const advice = near === undefined ? "Add it to the agent's state." : `Did you mean \`${near}\`?`;
      const message = `The agent has no state \`${name}\`, which ${nodeLabel(node)} sets. ${advice}`;
      return [{ code: "unknown_state", severity: "error", message, nodeId: node.id, field }];
    }
    const given = types.typeOf(index, siblingOf(node.params, path));
    const wanted = wantedBy(state);
    if (mayFit(given, wanted)) return [];
    const message =
      state.reducer === "add"
        ? `Only a number can be added to \`${name}\`, but ${nodeLabel(node)} gives ${describeWithArticle(given)}. Give it a number.`
        : `\`${name}\` starts as ${describeWithArticle(wanted)}, but ${nodeLabel(node)} sets it to ${describeWithArticle(given)}. Let it start as null if it may be anything.`;
    return [{ code: "type_mismatch", severity: "error", message, nodeId: node.id, field: field.replace(/\.[^.]+$/, ".value") }];
  });
}

/** What is appended may be anything; all else is as the state is. */
function wantedBy(state: StateField): JsonSchema {
  return state.reducer === "append" ? {} : stateSchema(state);
}

/** The value that stands beside the name of the state. */
function siblingOf(params: Record<string, Json>, path: readonly (string | number)[]): Json | undefined {
  let current: Json | undefined = params;
  for (const key of path.slice(0, -1))
    current = Array.isArray(current) ? current[key as number] : isRecord(current) ? (current[key] as Json) : undefined;
  return isRecord(current) && Object.hasOwn(current, "value") ? (current["value"] as Json) : undefined;
}
