import { defineNode } from "@heddle/node-kit";
import { z } from "zod";
import { cardLine } from "../card-line.ts";
import { anything, integer, listOf, number, objectSchema, text } from "../output-schemas.ts";
import { choiceField, jsonField, numberField, optionalNumberField, optionalTextField, textOf } from "../param-fields.ts";

const OPERATIONS = [
  { value: "recall", label: "Recall" },
  { value: "remember", label: "Remember" },
  { value: "forget", label: "Forget" },
] as const;

/** Remembers texts and finds them by what they mean. */
export const vectorMemory = defineNode({
  type: "vector-memory",
  name: "Memory by meaning",
  category: "memory",
  icon: "brain",
  summary: "Remembers texts and finds them by what they mean.",
  docs: `Remembers texts, and finds those that mean what you ask for, even in other words. It uses the built-in model and needs no provider.

**When to use it.** For what an agent learns about people and things as it goes: preferences, facts, how a case was solved. For documents that you have, use *Knowledge search*; for single values under a known name, *Key-value memory*.

**Who shares it.** *This run*, *this conversation*, *this agent* (all its runs), or *this workspace* (all its agents).

**Remember** keeps a text of up to 16 KiB, with *Details* of your own. Under a *Name* it takes the place of the one that had it. A step that is tried again remembers once.

**Recall** gives the closest texts, closest first: as many as you say, and only those that are close enough. 0.3 is a sensible bound for short texts; 1 is the same text.

**Forget** removes a text by its name or id, or all that mean nearly the same as what you ask for.

**As a tool.** Attach it to a *Language model*: one node to remember with the text \`{{ args.text }}\`, another to recall with \`{{ args.question }}\`.

**Example.** Remember \`{{ input.customer }} prefers {{ args.preference }}\`; later recall \`{{ input.message }}\` and put \`{{ memory.output.text }}\` into the prompt.

**Output.** *Recall*: \`memories\` with \`id\`, \`name\`, \`text\`, \`details\`, \`score\`, \`createdAt\`; \`text\`: all their texts, one a line; \`count\`. *Remember*: \`id\`. *Forget*: \`count\`.

**Errors.** \`param_invalid\` for an empty text, \`value_too_large\` for one that is too long or when 20,000 texts are remembered already, \`input_invalid\` for a conversation's memory where there is no conversation.`,
  params: z
    .object({
      operation: choiceField({ label: "Do" }, OPERATIONS),
      scope: choiceField({ label: "Shared by" }, [
        { value: "agent", label: "This agent" },
        { value: "conversation", label: "This conversation" },
        { value: "workspace", label: "This workspace" },
        { value: "execution", label: "This run" },
      ]),
      text: optionalTextField({
        label: "Text",
        help: "What to remember, or what to look for. Left empty: the message the run began with.",
        placeholder: "{{ input.message }}",
        control: "textarea",
        rows: 3,
      }),
      name: optionalTextField({
        label: "Name",
        help: "To replace or forget it by. Left empty: none.",
        placeholder: "preference:{{ input.customerId }}",
        visibleWhen: { field: "operation", in: ["remember", "forget"] },
      }),
      details: jsonField({
        label: "Details",
        help: "Kept with the text and given back with it.",
        rows: 2,
        isAdvanced: true,
        visibleWhen: { field: "operation", in: ["remember"] },
      }),
      ttlSeconds: optionalNumberField(
        {
          label: "Keep for (seconds)",
          help: "Left empty: until it is forgotten.",
          isAdvanced: true,
          visibleWhen: { field: "operation", in: ["remember"] },
        },
        { min: 1, max: 315_360_000 },
      ),
      limit: numberField(
        { label: "At most", visibleWhen: { field: "operation", in: ["recall"] } },
        { default: 5, min: 1, max: 50, isInteger: true },
      ),
      minScore: optionalNumberField(
        {
          label: "At least as close as",
          help: "From 0 to 1. Left empty: 0 to recall, 0.9 to forget.",
          control: "slider",
          step: 0.05,
          visibleWhen: { field: "operation", in: ["recall", "forget"] },
        },
        { min: 0, max: 1 },
      ),
    })
    .superRefine((params, context) => {
      // Forgetting by an empty field would forget what the run's message happens to be close to.
      if (params.operation === "forget" && params.text === undefined && params.name === undefined)
        context.addIssue({ code: "custom", path: ["name"], message: "fill this in, or say by a text what to forget" });
    }),
  provides: ["tool"],
  describe: ({ operation, text: given, name }) =>
    cardLine(OPERATIONS.find(({ value }) => value === operation)?.label ?? "Recall", textOf(name) || textOf(given)),
  output: ({ operation }) => {
    if (operation === "remember") return objectSchema({ id: text });
    if (operation === "forget") return objectSchema({ count: integer });
    const memory = objectSchema(
      { id: text, name: text, text, details: anything, score: number, createdAt: number },
      { optional: ["name"] },
    );
    return objectSchema({ memories: listOf(memory), text, count: integer });
  },
  hasSideEffects: true,
});
