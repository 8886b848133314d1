import { defineNode } from "@heddle/node-kit";
import { isRecord } from "@heddle/schema";
import { z } from "zod";
import { cardLine } from "../card-line.ts";
import { anything, boolean, listOf, objectSchema, text } from "../output-schemas.ts";
import { choiceField, jsonField, schemaField } from "../param-fields.ts";

/** Checks a value against a JSON Schema. */
export const validate = defineNode({
  type: "validate",
  name: "Validate",
  category: "transform",
  icon: "shield-check",
  summary: "Checks that a value has the right shape.",
  docs: `Checks a value against a JSON Schema and finds everything that is wrong with it.

**When to use it.** Before you rely on data from outside: a webhook, a web service, a model.

**The value** is what you put in, for example \`{{ http.output.body }}\`; left empty, it is what the node before gives.

**Go two ways** leaves by *Valid* or *Invalid*, with \`{ isValid, value, problems }\` as the output; each problem has a \`path\` and a \`message\`. **Stop the run** fails with all problems instead.

**Example.** \`{ "type": "object", "properties": { "email": { "type": "string", "format": "email" } }, "required": ["email"] }\`

**Errors.** \`output_invalid\` with all problems, when the run is to stop. \`param_invalid\` when the schema itself can't be used.`,
  params: z
    .object({
      value: jsonField({ label: "Value", help: "Left empty: what the node before gives.", placeholder: "{{ http.output.body }}", rows: 2 }),
      schema: schemaField({ label: "Schema", help: "A JSON Schema that says what is right." }),
      onInvalid: choiceField({ label: "When it does not fit" }, [
        { value: "branch", label: "Go two ways" },
        { value: "fail", label: "Stop the run" },
      ]),
    })
    .superRefine((params, context) => {
      if (params.schema === undefined)
        context.addIssue({ code: "custom", path: ["schema"], message: "say what the value should look like" });
    }),
  outputs: ({ onInvalid }) => [{ name: "valid", label: "Valid" }, ...(onInvalid === "fail" ? [] : [{ name: "invalid", label: "Invalid" }])],
  describe: ({ schema }) => {
    const names = isRecord(schema?.properties) ? Object.keys(schema.properties) : [];
    return cardLine(
      names.length > 0 ? `Needs ${names.join(", ")}` : isRecord(schema) && typeof schema.type === "string" ? `Needs ${schema.type}` : "",
    );
  },
  output: ({ schema }) =>
    objectSchema({
      isValid: boolean,
      value: isRecord(schema) ? schema : anything,
      problems: listOf(objectSchema({ path: text, message: text })),
    }),
});
