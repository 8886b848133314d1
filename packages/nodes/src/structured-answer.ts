import type { ChatMessage, ChatResult } from "@heddle/node-kit";
import { HeddleError, type Json, type JsonSchema } from "@heddle/schema";
import { checkAgainstSchema, problemsAsText, type SchemaProblem } from "./json-schema.ts";

/**
 * Reads a model's answer as JSON of a schema. One that does not fit is sent back once, with what is wrong with it.
 * `ask` sends messages to the same model. Returns the JSON and the answer that it was read from.
 * @throws HeddleError output_invalid when the second answer does not fit either
 */
export async function readStructuredAnswer(
  answer: ChatResult,
  { schema, messages, ask }: { schema: JsonSchema; messages: ChatMessage[]; ask: (messages: ChatMessage[]) => Promise<ChatResult> },
): Promise<{ json: Json; answer: ChatResult }> {
  const first = readJson(answer.text, schema);
  if (first.problems.length === 0) return { json: first.json, answer };
  const second = await ask([
    ...messages,
    { role: "assistant", content: answer.text },
    {
      role: "user",
      content: `Your answer does not fit the JSON Schema: ${problemsAsText(first.problems)}.\nAnswer again with JSON that fits, and with nothing else. The schema:\n${JSON.stringify(schema)}`,
    },
  ]);
  const mended = readJson(second.text, schema);
  if (mended.problems.length === 0) return { json: mended.json, answer: second };
  throw new HeddleError("output_invalid", `The model's answer does not fit the schema: ${problemsAsText(mended.problems)}.`, {
    details: { problems: mended.problems, answer: second.text.slice(0, 500) },
    hint:
      second.finishReason === "length"
        ? "The answer was cut off: allow a longer answer."
        : "Describe the fields in the schema, make it simpler, or choose a stronger model.",
  });
}

function readJson(text: string, schema: JsonSchema): { json: Json; problems: SchemaProblem[] } {
  for (const candidate of candidates(text)) {
    try {
      const json = JSON.parse(candidate) as Json;
      return { json, problems: checkAgainstSchema(schema, json) };
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
  }
  return { json: null, problems: [{ path: "", message: "is not JSON" }] };
}

/** Models like to put JSON into a fence or between sentences. */
function* candidates(text: string): Generator<string> {
  yield text;
  const fence = text.indexOf("```");
  if (fence !== -1) {
    const start = text.indexOf("\n", fence);
    const end = text.indexOf("```", fence + 3);
    if (start !== -1 && end > start) yield text.slice(start, end);
  }
  for (const [open, close] of [
    ["{", "}"],
    ["[", "]"],
  ] as const) {
    const start = text.indexOf(open);
    const end = text.lastIndexOf(close);
    if (start !== -1 && end > start) yield text.slice(start, end + 1);
  }
}
