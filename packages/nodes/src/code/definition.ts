import { defineNode } from "@heddle/node-kit";
import { isRecord } from "@heddle/schema";
import { z } from "zod";
import { cardLine, shown } from "../card-line.ts";
import { anything, listOf, objectSchema, text } from "../output-schemas.ts";
import { choiceField, jsonField, numberField, schemaField, textField } from "../param-fields.ts";

/** Runs a piece of JavaScript or TypeScript in a sandbox. */
export const code = defineNode({
  type: "code",
  name: "Code",
  category: "tool",
  icon: "code",
  summary: "Runs your JavaScript or TypeScript.",
  docs: `Runs a piece of JavaScript or TypeScript in a sandbox of its own: no network, no files, no secrets, and a limit on time and memory.

**When to use it.** For what expressions can't say: loops, dates, parsing, arithmetic over lists.

**Input.** What you put into *Input* is \`input\` in the code; left empty, it is what the node before gives. \`return\` the result; \`console.log\` writes to the trace.

**Example.** With *Input* \`{{ http.output.body.items }}\`:
\`\`\`js
const total = input.reduce((sum, item) => sum + item.price, 0);
return { total };
\`\`\`
\`{{ code.output.value.total }}\` is the sum.

**Output.** \`value\`, what was returned, and \`logs\`, the lines that were written.

**Errors.** \`code_failed\` with the message and line of what was thrown, \`code_timeout\`, \`code_out_of_memory\`.`,
  params: z.object({
    language: choiceField({ label: "Language" }, [
      { value: "javascript", label: "JavaScript" },
      { value: "typescript", label: "TypeScript" },
    ]),
    source: textField({ label: "Code", control: "code", rows: 12, expressions: "literal", placeholder: "return input;" }),
    input: jsonField({ label: "Input", help: "Left empty: what the node before gives.", placeholder: "{{ http.output.body }}", rows: 2 }),
    outputSchema: schemaField({
      label: "What it returns",
      help: "A JSON Schema; names in later expressions are then completed and checked.",
      isAdvanced: true,
    }),
    timeoutMs: numberField({ label: "Time limit (ms)", isAdvanced: true }, { default: 5_000, min: 10, max: 60_000, isInteger: true }),
    memoryMb: numberField({ label: "Memory limit (MB)", isAdvanced: true }, { default: 64, min: 16, max: 512, isInteger: true }),
  }),
  provides: ["tool"],
  describe: ({ source }) =>
    cardLine(
      shown(source)
        .split("\n")
        .find((line) => line.trim() !== "" && !line.trim().startsWith("//")),
    ),
  output: ({ outputSchema }) => objectSchema({ value: isRecord(outputSchema) ? outputSchema : anything, logs: listOf(text) }),
  timeoutMs: 70_000,
});
