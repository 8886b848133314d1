import { defineNode } from "@heddle/node-kit";
import { isRecord } from "@heddle/schema";
import { z } from "zod";
import { cardLine } from "../card-line.ts";
import { anything, boolean, listOf, objectSchema, text, textByName } from "../output-schemas.ts";
import { choiceField, jsonField, optionalTextField, schemaField, switchField } from "../param-fields.ts";

/** Takes parts out of a value: by path, by pattern, or by a model that reads it. */
export const extract = defineNode({
  type: "extract",
  name: "Extract",
  category: "transform",
  icon: "scan-text",
  summary: "Takes parts out of data or text.",
  docs: `Takes what you need out of data or text.

**When to use it.** To get at the one value that matters in a long answer, or at the order number in a message.

**Path** finds values in data with a JSONPath: \`$.orders[0].id\`, \`$.items[?@.price > 10].name\`.

**Pattern** finds text with a regular expression (RE2: fast on any text; look-around and back-references are not part of it). Name groups to get them by name: with \`order (?P<id>[A-Z]+-\\d+)\`, the output has \`groups.id\`.

**Model** lets a language model read the text and fill in a JSON Schema, for texts that follow no pattern. An answer that does not fit is sent back once to be mended.

**Output.** \`value\` is the first thing found, \`values\` all of them, \`groups\` the named groups of the first match, \`found\` whether there was anything.

**Example.** Text "Please cancel order AB-17", pattern \`[A-Z]{2}-\\d+\`: \`{{ extract.output.value }}\` is \`AB-17\`.

**Errors.** \`extraction_empty\` when nothing matches and the run is to stop, \`param_invalid\` for a path or pattern that can't be read, \`output_invalid\` when the model's answer does not fit the schema, and the provider's errors.`,
  params: z
    .object({
      mode: choiceField({ label: "Find by" }, [
        { value: "jsonpath", label: "Path", help: "A JSONPath into data." },
        { value: "regex", label: "Pattern", help: "A regular expression over text." },
        { value: "model", label: "Model", help: "A language model reads the text and fills in a schema." },
      ]),
      from: jsonField({ label: "From", help: "Left empty: what the node before gives.", placeholder: "{{ input.message }}", rows: 2 }),
      path: optionalTextField({
        label: "Path",
        placeholder: "$.orders[0].id",
        expressions: "literal",
        visibleWhen: { field: "mode", in: ["jsonpath"] },
      }),
      pattern: optionalTextField({
        label: "Pattern",
        placeholder: "[A-Z]{2}-\\d+",
        control: "code",
        rows: 1,
        expressions: "literal",
        visibleWhen: { field: "mode", in: ["regex"] },
      }),
      ignoreCase: switchField(
        { label: "Ignore upper and lower case", expressions: "literal", visibleWhen: { field: "mode", in: ["regex"] } },
        false,
      ),
      multiline: switchField(
        { label: "^ and $ match at every line", expressions: "literal", isAdvanced: true, visibleWhen: { field: "mode", in: ["regex"] } },
        false,
      ),
      schema: schemaField({
        label: "Fill in",
        help: "A JSON Schema; descriptions of its fields help the model.",
        visibleWhen: { field: "mode", in: ["model"] },
      }),
      instructions: optionalTextField({
        label: "Instructions",
        help: "What the model should know to get it right.",
        control: "textarea",
        rows: 3,
        visibleWhen: { field: "mode", in: ["model"] },
      }),
      connection: optionalTextField({
        label: "Connection",
        help: "Left empty: the one model provider that is connected.",
        control: "chatModel",
        visibleWhen: { field: "mode", in: ["model"] },
      }),
      model: optionalTextField({
        label: "Model",
        help: "Left empty: the provider's default.",
        visibleWhen: { field: "mode", in: ["model"] },
      }),
      onMissing: choiceField({ label: "When nothing is found" }, [
        { value: "continue", label: "Go on with nothing" },
        { value: "fail", label: "Stop the run" },
      ]),
    })
    .superRefine((params, context) => {
      const needed = { jsonpath: "path", regex: "pattern", model: "schema" } as const;
      const field = needed[params.mode];
      if (params[field] === undefined) context.addIssue({ code: "custom", path: [field], message: "fill this in" });
    }),
  provides: ["tool"],
  describe: ({ mode, path, pattern, schema }) => {
    if (mode === "model") return cardLine("Model", isRecord(schema?.properties) ? Object.keys(schema.properties).join(", ") : "");
    return cardLine(mode === "regex" ? pattern : path);
  },
  output: ({ mode, schema }) => {
    const value = mode === "model" && isRecord(schema) ? schema : mode === "regex" ? { type: ["string", "null"] as const } : anything;
    return objectSchema({
      value: value as typeof anything,
      values: listOf(mode === "regex" ? text : anything),
      groups: textByName,
      found: boolean,
    });
  },
  timeoutMs: 120_000,
});
