import { defineNode } from "@heddle/node-kit";
import { z } from "zod";
import { cardLine } from "../card-line.ts";
import { integer, listOf, number, objectSchema } from "../output-schemas.ts";
import { jsonField, textOf } from "../param-fields.ts";

/** Turns texts into vectors, with the built-in model. */
export const embed = defineNode({
  type: "embed",
  name: "Embed",
  category: "model",
  icon: "binary",
  summary: "Turns texts into vectors that say what they mean.",
  docs: `Turns a text, or a list of texts, into vectors: lists of numbers that lie close together where texts mean the same. It uses the built-in model and needs no provider.

**When to use it.** To compare texts in *Code*, or to send vectors to a store of your own. To search your documents, *Knowledge search* does it all.

**Text.** One text, or a list of up to 64. Left empty, it is the message the run began with.

**Example.** With \`{{ [input.question, input.answer] }}\`, the vectors have length 1, so their similarity is the sum of the products of their numbers.

**Output.** \`vectors\`, one for each text, \`vector\`, the first of them, \`dimensions\`.

**Errors.** \`param_invalid\` for more than 64 texts or values that are not text.`,
  params: z.object({
    text: jsonField({
      label: "Text",
      help: "A text or a list of texts. Left empty: the message the run began with.",
      placeholder: "{{ input.message }}",
      control: "textarea",
      rows: 3,
    }),
  }),
  describe: ({ text }) => cardLine(textOf(text) || "{{ input.message }}"),
  output: () => objectSchema({ vector: listOf(number), vectors: listOf(listOf(number)), dimensions: integer }),
});
