import { defineHandler } from "@heddle/node-kit";
import { HeddleError, isRecord, type Json } from "@heddle/schema";
import { checkAgainstSchema, problemsAsText, toProblems } from "../json-schema.ts";
import { webhookTrigger } from "./definition.ts";

/** The sender was checked where the event arrived, before the run was accepted. */
export const handler = defineHandler(webhookTrigger, {
  run({ input, params }) {
    const event = eventOf(input);
    const found = params.bodySchema === undefined ? [] : checkAgainstSchema(params.bodySchema, event.body);
    if (found.length > 0) {
      throw new HeddleError("input_invalid", `The body does not fit: ${problemsAsText(found)}.`, {
        problems: toProblems(found, "input.body", "input_invalid"),
      });
    }
    return { output: { ...event } };
  },
});

/** What arrived, whole. A test run may give just a body. */
function eventOf(input: Json): { method: string; headers: Record<string, string>; query: Record<string, string>; body: Json } {
  const isEvent = isRecord(input) && ("body" in input || "method" in input);
  const event: Record<string, unknown> = isEvent ? input : { body: input };
  return {
    method: typeof event["method"] === "string" ? event["method"].toUpperCase() : "POST",
    headers: textsOf(event["headers"], (name) => name.toLowerCase()),
    query: textsOf(event["query"], (name) => name),
    body: (event["body"] as Json | undefined) ?? null,
  };
}

function textsOf(value: unknown, rename: (name: string) => string): Record<string, string> {
  if (!isRecord(value)) return {};
  return Object.fromEntries(
    Object.entries(value).map(([name, text]) => [rename(name), Array.isArray(text) ? text.join(", ") : String(text ?? "")]),
  );
}
