import { z } from "zod";
import { agentDocument, type AgentDocument, CURRENT_SCHEMA_VERSION } from "./document.ts";
import { HeddleError } from "./error.ts";
import { isRecord } from "./json.ts";
import { migrateForward, versionOf } from "./migrations.ts";
import type { Problem } from "./problem.ts";

/** Problems beyond these are of no use to anyone. */
const MAX_PROBLEMS = 200;

/**
 * Reads a stored or received document: takes it forward to the current schema version, fills in defaults and checks its
 * shape. Whether its nodes make sense is asked elsewhere, by `validateDocument` of the graph package.
 * @throws HeddleError document_too_new for one that a newer Heddle saved
 * @throws HeddleError document_invalid with all problems, each with node, field and a sentence
 */
export function migrateDocument(raw: unknown): AgentDocument {
  if (!isRecord(raw))
    throw invalid([{ code: "invalid_document", severity: "error", message: `An agent is a JSON object, but this is ${kindOf(raw)}.` }]);
  if (versionOf(raw) === undefined) {
    throw invalid([
      { code: "invalid_field", severity: "error", message: "The schema version must be a whole number.", field: "schemaVersion" },
    ]);
  }
  const document = takeForward(raw);
  const parsed = agentDocument.safeParse(document);
  if (parsed.success) return parsed.data;
  throw invalid(parsed.error.issues.slice(0, MAX_PROBLEMS).map((issue) => describeIssue(issue, document)));
}

/** A document as programs send it: of this schema version or an older one. A newer one throws `document_too_new`. */
export const receivedDocument = z.preprocess(
  (raw) => (isRecord(raw) && versionOf(raw) !== undefined ? takeForward(raw) : raw),
  agentDocument,
);

function takeForward(raw: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const version = versionOf(raw) ?? 0;
  if (version > CURRENT_SCHEMA_VERSION) {
    throw new HeddleError(
      "document_too_new",
      `This agent has schema version ${version}; this Heddle reads up to version ${CURRENT_SCHEMA_VERSION}.`,
      {
        hint: "Update Heddle, then open the agent again.",
        details: { schemaVersion: version, supported: CURRENT_SCHEMA_VERSION },
      },
    );
  }
  return migrateForward(raw, CURRENT_SCHEMA_VERSION);
}

function invalid(problems: Problem[]): HeddleError {
  const count = problems.length === 1 ? "one problem" : `${problems.length} problems`;
  return new HeddleError("document_invalid", `The agent can't be read: it has ${count}. ${problems[0]!.message}`, { problems });
}

function describeIssue(issue: z.core.$ZodIssue, document: Record<string, unknown>): Problem {
  const [root, position, ...rest] = issue.path;
  const value = valueAt(document, issue.path);
  const reason = reasonOf(issue, value);
  const entry = typeof position === "number" ? valueAt(document, [root!, position]) : undefined;
  const id = isRecord(entry) && typeof entry["id"] === "string" && entry["id"] !== "" ? entry["id"] : undefined;
  const code = value === undefined && issue.path.length > 0 ? "missing_field" : "invalid_field";
  if (root === "nodes" && typeof position === "number") {
    const field = rest.join(".");
    const subject = id === undefined ? `Node ${position + 1}` : `Node \`${id}\``;
    const place = field === "" ? subject : `${subject}, \`${field}\``;
    return {
      code,
      severity: "error",
      message: `${place}: ${reason}`,
      ...(id === undefined ? { field: issue.path.join(".") } : { nodeId: id, field: field === "" ? `nodes.${position}` : field }),
    };
  }
  if (root === "edges" && typeof position === "number" && id !== undefined) {
    return {
      code,
      severity: "error",
      message: `Connection \`${id}\`, \`${rest.join(".")}\`: ${reason}`,
      edgeId: id,
      field: issue.path.join("."),
    };
  }
  const field = issue.path.join(".");
  return { code, severity: "error", message: `\`${field}\`: ${reason}`, field };
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  record: "an object",
};

function reasonOf(issue: z.core.$ZodIssue, value: unknown): string {
  if (issue.code === "invalid_type") {
    const wanted = TYPE_NAMES[issue.expected] ?? issue.expected;
    return value === undefined ? `this is missing; it must be ${wanted}.` : `this must be ${wanted}, but it is ${kindOf(value)}.`;
  }
  if (issue.code === "invalid_value") return `this must be ${issue.values.map((choice) => JSON.stringify(choice)).join(" or ")}.`;
  if (issue.code === "too_big")
    return issue.origin === "array"
      ? `there are more than ${issue.maximum}.`
      : `this must be at most ${issue.maximum}${issue.origin === "string" ? " characters" : ""}.`;
  if (issue.code === "too_small")
    return issue.origin === "string" && issue.minimum === 1 ? "this must not be empty." : `this must be at least ${issue.minimum}.`;
  if (issue.code === "invalid_union") return "this is not a JSON value.";
  return `${issue.message.replace(/[.\s]+$/, "")}.`;
}

function kindOf(value: unknown): string {
  if (value === undefined) return "missing";
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  return TYPE_NAMES[typeof value] ?? typeof value;
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let current = value;
  for (const key of path) {
    if (Array.isArray(current) && typeof key === "number") current = current[key];
    else if (isRecord(current) && Object.hasOwn(current, key)) current = current[key as string];
    else return undefined;
  }
  return current;
}
