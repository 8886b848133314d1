import { defineNode } from "@heddle/node-kit";
import { z } from "zod";
import { cardLine } from "../card-line.ts";
import { anything, text } from "../output-schemas.ts";
import { choiceField, jsonField, optionalTextField, textOf } from "../param-fields.ts";

/** Sets what the run answers. */
export const reply = defineNode({
  type: "reply",
  name: "Reply",
  category: "output",
  icon: "reply",
  summary: "Sets what the agent answers.",
  docs: `Sets the run's output: what the chat shows and what a program gets back.

**When to use it.** At the end of every branch that has something to say. Where several replies run, the last one counts. Without a reply, the output of the last node is the answer.

**Text** is what a chat shows: \`{{ llm.output.text }}\`.

**JSON** is for programs: \`{ "intent": "{{ classify.output.label }}", "confidence": "{{ classify.output.confidence }}" }\`. A value that is one whole expression keeps its type. Values that are missing are left out. A chat shows the field \`answer\` or \`text\` of it.

**Errors.** \`expression_failed\` when an expression can't be evaluated.`,
  params: z.object({
    mode: choiceField({ label: "Answer with" }, [
      { value: "text", label: "Text" },
      { value: "json", label: "JSON" },
    ]),
    text: optionalTextField({
      label: "Text",
      placeholder: "{{ llm.output.text }}",
      control: "textarea",
      rows: 4,
      visibleWhen: { field: "mode", in: ["text"] },
    }),
    json: jsonField({
      label: "JSON",
      placeholder: '{ "answer": "{{ llm.output.text }}" }',
      rows: 8,
      visibleWhen: { field: "mode", in: ["json"] },
    }),
  }),
  describe: ({ mode, text: template, json }) => cardLine(mode === "json" ? textOf(json) : textOf(template)),
  output: ({ mode }) => (mode === "json" ? anything : text),
  timeoutMs: 5_000,
});
