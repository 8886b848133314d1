import { defineNode } from "@heddle/node-kit";
import { isRecord } from "@heddle/schema";
import { z } from "zod";
import { cardLine, shown } from "../card-line.ts";
import { anything, citationSchema, integer, listOf, objectSchema, text } from "../output-schemas.ts";
import { jsonField, numberField, optionalNumberField, optionalTextField, schemaField } from "../param-fields.ts";

/** Asks a language model. */
export const llm = defineNode({
  type: "llm",
  name: "Language model",
  category: "model",
  icon: "sparkles",
  summary: "Asks a language model, with tools, memory and knowledge.",
  docs: `Sends a prompt to a language model and gives its answer, streamed to whoever watches the run.

**When to use it.** To write, summarise, decide or talk. To sort messages into known kinds, *Classify* is faster, needs no provider and says how sure it is.

**Prompt.** Left empty, it is the message the run began with. *Instructions* tell the model who it is and what to mind.

**Attach** other nodes to lend it something:
- *Tools*: the model calls them when it needs them, several at once if it likes, for at most *Tool rounds* rounds. Give each tool a description.
- *Memory*: a *Conversation* node. Earlier messages are sent along, and this exchange is remembered.
- *Knowledge*: a *Knowledge search* node. The best passages are given to the model, numbered, and listed in \`citations\`.

**JSON.** With an answer schema the answer is JSON of that shape in \`json\`. An answer that does not fit is sent back once to be mended.

**Example.** Instructions "You are a friendly support agent. Answer in two sentences.", prompt \`{{ input.message }}\`; a *Reply* with \`{{ llm.output.text }}\`.

**Output.** \`text\`, \`json\` (with a schema), \`toolCalls\`, \`citations\`, \`finishReason\`, \`usage\`, \`model\`.

**Errors.** \`provider_not_connected\` when no model is connected, \`provider_unauthorized\` for a wrong key, \`provider_rate_limited\` and \`provider_overloaded\` (both can be tried again), \`provider_rejected\`, \`provider_unreachable\`, \`provider_invalid_response\`; \`output_invalid\` when the answer does not fit the schema; \`token_limit\`.`,
  params: z.object({
    connection: optionalTextField({
      label: "Connection",
      help: "Left empty: the one model provider that is connected.",
      control: "chatModel",
    }),
    model: optionalTextField({ label: "Model", help: "Left empty: the provider's default.", placeholder: "gpt-4.1-mini" }),
    system: optionalTextField({
      label: "Instructions",
      help: "Who the model is, and what to mind.",
      placeholder: "You are a friendly support agent.",
      control: "textarea",
      rows: 5,
    }),
    prompt: optionalTextField({
      label: "Prompt",
      help: "Left empty: the message the run began with.",
      placeholder: "{{ input.message }}",
      control: "textarea",
      rows: 4,
    }),
    messages: jsonField({
      label: "Earlier messages",
      help: "A list of { role, content }, oldest first, sent before the prompt.",
      placeholder: "{{ input.history }}",
      rows: 2,
      isAdvanced: true,
    }),
    temperature: optionalNumberField(
      {
        label: "Temperature",
        help: "0 keeps to the likeliest words; higher is freer. Left empty: the provider's default.",
        control: "slider",
        step: 0.1,
        isAdvanced: true,
      },
      { min: 0, max: 2 },
    ),
    maxOutputTokens: optionalNumberField(
      { label: "Longest answer (tokens)", isAdvanced: true },
      { min: 1, max: 1_000_000, isInteger: true },
    ),
    responseSchema: schemaField({ label: "Answer as JSON", help: "A JSON Schema for the answer. Left empty: text." }),
    maxToolRounds: numberField(
      { label: "Tool rounds", help: "How often the model may call tools before it must answer.", isAdvanced: true },
      { default: 8, min: 1, max: 50, isInteger: true },
    ),
  }),
  attachments: [
    { name: "tools", label: "Tools", accepts: "tool" },
    { name: "memory", label: "Memory", accepts: "memory", max: 1 },
    { name: "knowledge", label: "Knowledge", accepts: "knowledge" },
  ],
  provides: ["tool"],
  describe: ({ model, prompt, system }) => cardLine(model, shown(prompt, shown(system))),
  output: ({ responseSchema }) =>
    objectSchema({
      text,
      ...(isRecord(responseSchema) ? { json: responseSchema } : {}),
      toolCalls: listOf(objectSchema({ name: text, args: anything, error: text }, { optional: ["error"] })),
      citations: listOf(citationSchema),
      finishReason: { type: "string", enum: ["stop", "length", "tool-calls", "content-filter", "error", "other"] },
      usage: objectSchema({ inputTokens: integer, outputTokens: integer }),
      model: text,
    }),
  timeoutMs: 300_000,
});
