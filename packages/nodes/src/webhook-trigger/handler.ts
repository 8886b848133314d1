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

interface WebhookEvent {
  method: string;
  /** What the address had after the deployment's own part, without slashes around it. */
  path: string;
  headers: Record<string, string>;
  query: Record<string, string>;
  body: Json;
}

/** What arrived, whole. A test run may give just a body. */
function eventOf(input: Json): WebhookEvent {
  const isEvent = isRecord(input) && ("body" in input || "method" in input);
  const event: Record<string, unknown> = isEvent ? input : { body: input };
  return {
    method: typeof event["method"] === "string" ? event["method"].toUpperCase() : "POST",
    path: typeof event["path"] === "string" ? event["path"] : "",
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
