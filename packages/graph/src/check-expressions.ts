import { checkTemplate, describeWithArticle, type ExpressionProblem } from "@heddle/expression";
import type { NodeDefinition } from "@heddle/node-kit";
import type { AgentNode, JsonSchema, Problem } from "@heddle/schema";
import { z } from "zod";
import { type AgentGraph, nodeLabel } from "./agent-graph.ts";
import type { Ancestors } from "./ancestors.ts";
import { isReservedName } from "./check-nodes.ts";
import { labelOf } from "./check-params.ts";
import { mayFit } from "./is-assignable.ts";
import { argsScope, closed, nodeScope, sharedScope } from "./scope-schema.ts";
import { type ParamPart, visitTemplates } from "./visit-templates.ts";

/** Checks all expressions of a document: syntax, names, fields, types, and whether what they read can have run before. */
export function checkExpressions(graph: AgentGraph, ancestors: Ancestors): Problem[] {
  const everything = sharedScope(graph);
  for (const [id, index] of graph.indexOf) if (!Object.hasOwn(everything, id)) everything[id] = nodeScope(graph, index);
  const scope = closed(everything);
  const problems: Problem[] = [];
  for (const [index, node] of graph.nodes.entries()) {
    const args = argsScope(graph, index);
    // Most nodes are no tools: they share one scope, so that a large document needs no scope per node.
    const own = args.args === undefined ? scope : closed({ ...everything, ...args });
    visitTemplates(node.params, graph.definitions[index], (part) => {
      const field = ["params", ...part.path].join(".");
      const check = checkTemplate(part.value, own);
      for (const found of check.problems) problems.push(describe(found, node, field));
      problems.push(...unreachableReferences(graph, ancestors, { index, field, names: check.references.map(({ name }) => name) }));
      if (check.problems.length === 0) problems.push(...typeProblems(graph.definitions[index], node, part, check.type));
    });
  }
  return problems;
}

function describe(found: ExpressionProblem, node: AgentNode, field: string): Problem {
  const isArgs = found.code === "unknown_reference" && found.name === "args";
  return {
    code: found.code,
    severity: found.code === "never_equal" ? "warning" : "error",
    message: isArgs
      ? `\`args\` is known only in a node that is attached to a model as a tool. Attach ${nodeLabel(node)}, or read \`input\`.`
      : found.message,
    nodeId: node.id,
    field,
  };
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
    if (source === undefined || (source !== index && ancestors.has(index, source))) continue;
    const message =
      source === index
        ? `${nodeLabel(node)} reads its own output, which does not exist before it has run. Read what comes before it instead.`
        : `${nodeLabel(graph.nodes[source]!)} (\`${name}\`) can't have run before ${nodeLabel(node)}. Connect it so that the flow reaches it first, or read another node.`;
    problems.push({ code: "reference_not_before", severity: "error", message, nodeId: node.id, field });
  }
  return problems;
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
