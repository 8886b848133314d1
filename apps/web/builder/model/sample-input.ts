import type { AgentDocument, AgentNode, Json, JsonSchema } from "@heddle/schema";
import { isRecord } from "@heddle/schema";

const TRIGGERS = ["chat-trigger", "api-trigger", "webhook-trigger"];

/** The node that a test run starts at; chat before API before webhook. */
export function triggerOf(document: AgentDocument): AgentNode | undefined {
  for (const type of TRIGGERS) {
    const found = document.nodes.find((node) => node.type === type);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** An input to begin with, from what the trigger says its input looks like. */
export function sampleInput(trigger: AgentNode | undefined): Json {
  if (trigger?.type === "chat-trigger") return { message: "" };
  if (trigger?.type === "webhook-trigger") return { method: "POST", headers: {}, query: {}, body: exampleOf(trigger.params["bodySchema"]) };
  return exampleOf(trigger?.params["schema"]);
}

/** The smallest value that shows what a schema is about. */
export function exampleOf(schema: unknown, depth = 0): Json {
  if (!isRecord(schema) || depth > 4) return {};
  const { type, properties, items, enum: choices, default: fallback } = schema as JsonSchema;
  if (fallback !== undefined) return fallback as Json;
  if (Array.isArray(choices)) return choices[0] ?? null;
  switch (Array.isArray(type) ? type[0] : type) {
    case "string":
      return "";
    case "number":
    case "integer":
      return 0;
    case "boolean":
      return false;
    case "array":
      return isRecord(items) ? [exampleOf(items, depth + 1)] : [];
    case "null":
      return null;
    default:
      return isRecord(properties)
        ? Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, exampleOf(value, depth + 1)]))
        : {};
  }
}
