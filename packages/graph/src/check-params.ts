import type { NodeDefinition } from "@heddle/node-kit";
import { fieldHint } from "@heddle/node-kit";
import { type AgentNode, isRecord, type Problem } from "@heddle/schema";
import type { z } from "zod";
import { nodeLabel } from "./agent-graph.ts";
import { isLiteralField, schemaAt } from "./visit-templates.ts";

type Path = readonly PropertyKey[];

/**
 * Checks a node's raw params by its type's schema. What an expression will only make at run time is skipped here, and so
 * are the complaints of a whole field about an expression inside it.
 */
export function checkParams(node: AgentNode, definition: NodeDefinition): Problem[] {
  return [...unknownParams(node, definition), ...invalidParams(node, definition)];
}

function invalidParams(node: AgentNode, definition: NodeDefinition): Problem[] {
  let issues: readonly z.core.$ZodIssue[];
  try {
    issues = definition.params.safeParse(node.params).error?.issues ?? [];
  } catch {
    return [problem(node, "invalid_param", `The settings of ${nodeLabel(node)} can't be read. Fill them in again.`, ["params"])];
  }
  const seen = new Set<string>();
  const problems: Problem[] = [];
  for (const issue of issues) {
    if (issue.code === "unrecognized_keys" || meetsTemplate(node, definition, issue.path)) continue;
    const found = describeIssue(node, definition, issue);
    const key = `${found.field}\n${found.message}`;
    if (!seen.has(key)) problems.push(found);
    seen.add(key);
  }
  return problems;
}

function describeIssue(node: AgentNode, definition: NodeDefinition, issue: z.core.$ZodIssue): Problem {
  const label = labelOf(definition, issue.path);
  const value = valueAt(node.params, issue.path);
  const isMissing = value === undefined || value === null || value === "";
  if (
    isMissing &&
    (issue.code === "invalid_type" || issue.code === "invalid_value" || issue.code === "invalid_union" || /^fill/i.test(issue.message))
  ) {
    return problem(node, "missing_param", `Fill in ${label} of ${nodeLabel(node)}.`, ["params", ...issue.path]);
  }
  const reason = issue.message.replace(/^Invalid input: e/, "e").replace(/[.\s]+$/, "");
  return problem(node, isMissing ? "missing_param" : "invalid_param", `${label} of ${nodeLabel(node)} does not fit: ${reason}.`, [
    "params",
    ...issue.path,
  ]);
}

/** Params that the type does not have: mostly a misspelling, or left from another version. The run ignores them. */
function unknownParams(node: AgentNode, definition: NodeDefinition): Problem[] {
  const { shape } = definition.params;
  return Object.keys(node.params)
    .filter((name) => !Object.hasOwn(shape, name))
    .map((name) => ({
      ...problem(node, "unknown_param", `${definition.name} has no setting \`${name}\`, so it has no effect. Remove it.`, ["params", name]),
      severity: "warning" as const,
    }));
}

/** Whether a path leads to, or into, a text that an expression will replace. */
function meetsTemplate(node: AgentNode, definition: NodeDefinition, path: Path): boolean {
  for (let length = path.length; length > 0; length -= 1) {
    const value = valueAt(node.params, path.slice(0, length));
    if (typeof value !== "string" || !value.includes("{{")) continue;
    const isLiteral = path.slice(0, length).some((_, index) => {
      const schema = schemaAt(definition, path.slice(0, index + 1) as (string | number)[]);
      return schema !== undefined && isLiteralField(schema, String(path[index]));
    });
    return !isLiteral;
  }
  return false;
}

/** The labels along a path, as the inspector shows them: `"Branches" 2, "When"`. */
export function labelOf(definition: NodeDefinition, path: Path): string {
  const parts: string[] = [];
  for (const [index, key] of path.entries()) {
    if (typeof key === "number") {
      if (parts.length > 0) parts[parts.length - 1] += ` ${key + 1}`;
      continue;
    }
    const schema = schemaAt(definition, path.slice(0, index + 1) as (string | number)[]);
    parts.push(`"${schema === undefined ? String(key) : fieldHint(schema, String(key)).label}"`);
  }
  return parts.length === 0 ? "A setting" : parts.join(", ");
}

function valueAt(value: unknown, path: Path): unknown {
  let current = value;
  for (const key of path) {
    if (Array.isArray(current) && typeof key === "number") current = current[key];
    else if (isRecord(current) && typeof key === "string" && Object.hasOwn(current, key)) current = current[key];
    else return undefined;
  }
  return current;
}

function problem(node: AgentNode, code: string, message: string, path: Path): Problem {
  return { code, severity: "error", message, nodeId: node.id, field: path.join(".") };
}
