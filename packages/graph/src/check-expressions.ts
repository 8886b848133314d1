import { checkTemplate, describeWithArticle, type ExpressionProblem, type Locals } from "@heddle/expression";
import type { NodeDefinition } from "@heddle/node-kit";
import type { AgentNode, JsonSchema, Problem } from "@heddle/schema";
import { z } from "zod";
import { type AgentGraph, isTrigger, nodeLabel } from "./agent-graph.ts";
import type { Ancestors } from "./ancestors.ts";
import { noList } from "./check-containers.ts";
import { isReservedName } from "./check-nodes.ts";
import { labelOf } from "./check-params.ts";
import { mayFit } from "./is-assignable.ts";
import { argsScope, requestScope } from "./scope-schema.ts";
import type { ScopeTypes } from "./scope-types.ts";
import { type ParamPart, visitTemplates } from "./visit-templates.ts";

/** Checks all expressions of a document: syntax, names, fields, types, and whether what they read can have run before. */
export function checkExpressions(graph: AgentGraph, ancestors: Ancestors, types: ScopeTypes): Problem[] {
  return graph.nodes.flatMap((node, index) => {
    const definition = graph.definitions[index];
    const problems: Problem[] = [];
    const check = (value: string, field: string, { scope, locals }: { scope: JsonSchema; locals: Locals }): JsonSchema | undefined => {
      const found = checkTemplate(value, scope, locals);
      for (const problem of found.problems) problems.push(describe(problem, node, field));
      // Names of the place itself, such as a loop's own rounds, are no other node's.
      const names = found.references.map(({ name }) => name).filter((name) => !locals.has(name));
      if (scope === types.scope) problems.push(...unreachableReferences(graph, ancestors, { index, field, names }));
      return found.problems.length === 0 ? found.type : undefined;
    };

    const own = types.localsOf(index);
    const { args } = argsScope(graph, index);
    // Most nodes share one scope, so that a large document needs no scope per node.
    const place = { scope: types.scope, locals: args === undefined ? own : new Map(own).set("args", args) };
    visitTemplates(node.params, definition, (part) => {
      const type = check(part.value, ["params", ...part.path].join("."), place);
      if (type !== undefined) problems.push(...typeProblems(definition, node, part, type));
    });
    if (isTrigger(graph, index)) {
      for (const mode of ["arrival", "outcome"] as const) {
        const request = { scope: requestScope(graph, index, mode), locals: NO_LOCALS };
        visitTemplates(node.params, definition, ({ path, value }) => check(value, ["params", ...path].join("."), request), mode);
      }
    }
    if (node.each !== undefined) {
      const around = { scope: types.scope, locals: types.localsAround(index) };
      const { items } = node.each;
      visitTemplates({ items }, undefined, ({ path, value }) => check(value, ["each", ...path].join("."), around));
      const type = typeof items === "string" ? checkTemplate(items, types.scope, around.locals).type : { type: "array" as const };
      if (!mayFit(type, { type: "array" })) {
        const message = noList(node, type, "Run for each item");
        problems.push({ code: "type_mismatch", severity: "error", message, nodeId: node.id, field: "each.items" });
      }
    }
    return problems;
  });
}

const NO_LOCALS: Locals = new Map();

function describe(found: ExpressionProblem, node: AgentNode, field: string): Problem {
  const unknown = found.code === "unknown_reference" ? found.name : undefined;
  return {
    code: found.code,
    severity: found.code === "never_equal" ? "warning" : "error",
    message: adviceFor(unknown, node) ?? found.message,
    nodeId: node.id,
    field,
  };
}

/** Names that hold in some places only are worth a word of their own. */
function adviceFor(name: string | undefined, node: AgentNode): string | undefined {
  if (name === "args")
    return `\`args\` is known only in a node that is attached to a model as a tool. Attach ${nodeLabel(node)}, or read \`input\`.`;
  if (name === "state") return `The agent has no \`state\` yet, which ${nodeLabel(node)} reads. Add a state value in the agent's settings.`;
  if (name !== "item" && name !== "index") return undefined;
  return `\`${name}\` is known only inside a loop or a map, and in a node that runs for each item. Move ${nodeLabel(node)} into one, or let it run for each item.`;
}

interface Place {
  index: number;
  field: string;
  names: string[];
}

function unreachableReferences(graph: AgentGraph, ancestors: Ancestors, { index, field, names }: Place): Problem[] {
  const node = graph.nodes[index]!;
  const problems: Problem[] = [];
  for (const name of new Set(names)) {
    const source = isReservedName(name) ? undefined : graph.indexOf.get(name);
    if (source === undefined || (source !== index && ancestors.mayHaveRun(index, source))) continue;
    const message = whyNotBefore(graph, { index, source, name });
    problems.push({ code: "reference_not_before", severity: "error", message, nodeId: node.id, field });
  }
  return problems;
}

function whyNotBefore(graph: AgentGraph, { index, source, name }: { index: number; source: number; name: string }): string {
  const label = nodeLabel(graph.nodes[index]!);
  if (source === index) return `${label} reads its own output, which does not exist before it has run. Read what comes before it instead.`;
  const container = containerBetween(graph, source, index);
  if (container === undefined) {
    return `${nodeLabel(graph.nodes[source]!)} (\`${name}\`) can't have run before ${label}. Connect it so that the flow reaches it first, or read another node.`;
  }
  const { id } = graph.nodes[container]!;
  const advice = container === index ? `Read \`${id}.previous\` in its condition` : `Read \`${id}.output.items\``;
  return `${nodeLabel(graph.nodes[source]!)} (\`${name}\`) lives in ${nodeLabel(graph.nodes[container]!)} and runs once for each round, so ${label} can't read it. ${advice}, or keep the value in the agent's state.`;
}

/** The outermost container that a node lives in and another does not. */
function containerBetween(graph: AgentGraph, inner: number, outer: number): number | undefined {
  const around = new Set<number>();
  for (let current = graph.parentOf[outer]!; current !== -1; current = graph.parentOf[current]!) around.add(current);
  let found: number | undefined;
  for (let current = graph.parentOf[inner]!; current !== -1 && !around.has(current); current = graph.parentOf[current]!) found = current;
  return found;
}

/** Only what can never fit is reported: a value that may be absent, or of two types, is left to the run. */
function typeProblems(definition: NodeDefinition | undefined, node: AgentNode, part: ParamPart, type: JsonSchema): Problem[] {
  if (definition === undefined || part.schema === undefined) return [];
  const wanted = wantedSchema(part.schema);
  if (mayFit(type, wanted)) return [];
  return [
    {
      code: "type_mismatch",
      severity: "error",
      message: `${labelOf(definition, part.path)} of ${nodeLabel(node)} wants ${describeWithArticle(wanted)}, but the expression gives ${describeWithArticle(type)}.`,
      nodeId: node.id,
      field: ["params", ...part.path].join("."),
    },
  ];
}

const wantedSchemas = new WeakMap<z.ZodType, JsonSchema>();

/** JSON Schema of what a param's zod schema accepts. What converts its input accepts anything. */
function wantedSchema(schema: z.ZodType): JsonSchema {
  const known = wantedSchemas.get(schema);
  if (known !== undefined) return known;
  let wanted: JsonSchema = {};
  try {
    wanted = z.toJSONSchema(schema, {
      io: "input",
      unrepresentable: "any",
      override: ({ zodSchema, jsonSchema }) => {
        const { coerce, in: first } = zodSchema._zod.def as { coerce?: boolean; in?: z.ZodType };
        if (coerce === true || first?.def.type === "transform") for (const keyword of Object.keys(jsonSchema)) delete jsonSchema[keyword];
      },
    }) as JsonSchema;
  } catch {
    // A schema that JSON Schema can't express is checked when the node runs.
  }
  wantedSchemas.set(schema, wanted);
  return wanted;
}
