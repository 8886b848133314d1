import { defineNode } from "@heddle/node-kit";
import { z } from "zod";
import { cardLine, shown } from "../card-line.ts";
import { boolean, citationSchema, integer, listOf, number, objectSchema, text } from "../output-schemas.ts";
import { numberField, optionalNumberField, optionalTextField, textField } from "../param-fields.ts";

/** Finds the passages of a knowledge base that answer a question. */
export const knowledgeSearch = defineNode({
  type: "knowledge-search",
  name: "Knowledge search",
  category: "knowledge",
  icon: "book-open-text",
  summary: "Finds passages in your documents, by meaning and by words.",
  docs: `Finds the passages of a knowledge base that fit a question best, by meaning and by words together.

**When to use it.** To answer from your own documents. Use it as a step and read its passages, attach it to a *Language model* as *Knowledge* (every prompt is looked up), or as a *Tool* (the model decides what to look up; use \`{{ args.query }}\` as the question).

**Question.** Left empty, it is the message the run began with.

**Topic.** A short question says little. Where an earlier step knows what it is about, such as *Classify*, put that here: \`{{ classify.output.label }}\`. Passages then have to fit both.

**Output.** \`passages\`, best first, \`citations\` (number, document, section, quote), \`text\`, all passages numbered and ready for a prompt, and \`found\`.

**Example.** In a prompt: \`Answer from these passages only: {{ search.output.text }}\`. In a reply: \`{{ search.output.passages[0].text }}\`.

**Errors.** \`not_found\` when the knowledge base is gone.`,
  params: z.object({
    knowledgeBaseId: textField({ label: "Knowledge base", control: "knowledgeBase" }),
    query: optionalTextField({
      label: "Question",
      help: "Left empty: the message the run began with.",
      placeholder: "{{ input.message }}",
      control: "textarea",
      rows: 2,
    }),
    topic: optionalTextField({
      label: "Topic",
      help: "What the question is about, if you know, for example the label of Classify. Passages about it come first.",
      placeholder: "{{ classify.output.label }}",
      isAdvanced: true,
    }),
    limit: numberField({ label: "Passages", help: "At most this many." }, { default: 4, min: 1, max: 50, isInteger: true }),
    minScore: optionalNumberField(
      { label: "Lowest score", help: "Passages that fit worse are left out.", control: "slider", step: 0.05, isAdvanced: true },
      { min: 0, max: 1 },
    ),
  }),
  provides: ["tool", "knowledge"],
  describe: ({ query, limit }) => cardLine(shown(query, "{{ input.message }}"), `${shown(limit, "4")} passages`),
  output: () =>
    objectSchema({
      passages: listOf(
        objectSchema(
          { text, score: number, documentId: text, documentName: text, chunk: integer, section: text },
          { optional: ["section"] },
        ),
      ),
      citations: listOf(citationSchema),
      text,
      found: boolean,
    }),
});
