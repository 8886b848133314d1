import { defineNode } from "@heddle/node-kit";
import { z } from "zod";
import { cardLine, shown } from "../card-line.ts";
import { boolean, listOf, number, objectSchema, text } from "../output-schemas.ts";
import { numberField, optionalNumberField, optionalTextField, textField } from "../param-fields.ts";

/** Labels a text by the examples of a data set, with the built-in model. */
export const classify = defineNode({
  type: "classify",
  name: "Classify",
  category: "model",
  icon: "tags",
  summary: "Sorts a text into the labels of your examples, with no key and no network.",
  docs: `Gives a text the label that fits it best, learned from the examples of a data set. It needs no model provider, takes milliseconds, costs nothing, and says how sure it is.

**When to use it.** To route tickets, tell intents apart, tag feedback: whenever the kinds are known and you have some examples of each. Ten a label is a start; more are better. The data set's page says how good it is on its own examples.

**Text.** Left empty, it is the message the run began with.

**Sure enough.** With *Sure from*, \`isConfident\` says whether the confidence reaches it; lead the unsure ones to a person with a *Condition*.

**Example.** Text "My card was eaten by the machine" with a bank's examples: \`{{ classify.output.label }}\` is \`card_swallowed\`, \`{{ classify.output.confidence }}\` is 0.97.

**Output.** \`label\`, \`confidence\` (0 to 1), \`alternatives\` (the next best, best first), \`isConfident\`.

**Errors.** \`not_found\` when the data set is gone, \`dataset_too_small\` with fewer than two labels or too few examples of one, \`training_failed\`. The first run after the examples changed waits for the training.`,
  params: z.object({
    datasetId: textField({ label: "Examples", help: "A data set with a text and a label in each row.", control: "dataset" }),
    text: optionalTextField({
      label: "Text",
      help: "Left empty: the message the run began with.",
      placeholder: "{{ input.message }}",
      control: "textarea",
      rows: 2,
    }),
    alternatives: numberField(
      { label: "Alternatives", help: "How many of the next best labels to give.", isAdvanced: true },
      { default: 3, min: 0, max: 20, isInteger: true },
    ),
    minConfidence: optionalNumberField(
      { label: "Sure from", help: "Confidence from which the label counts as sure.", control: "slider", step: 0.05 },
      { min: 0, max: 1 },
    ),
  }),
  provides: ["tool"],
  describe: ({ text: source, minConfidence }) =>
    cardLine(shown(source, "{{ input.message }}"), shown(minConfidence) === "" ? "" : `sure from ${shown(minConfidence)}`),
  output: () =>
    objectSchema({
      label: text,
      confidence: number,
      alternatives: listOf(objectSchema({ label: text, confidence: number })),
      isConfident: boolean,
    }),
  // The first call after the examples changed trains on them.
  timeoutMs: 300_000,
});
