import { defineNode } from "@heddle/node-kit";
import { isRecord } from "@heddle/schema";
import { z } from "zod";
import { cardLine } from "../card-line.ts";
import { anything } from "../output-schemas.ts";
import { schemaField } from "../param-fields.ts";

/** Starts a run with the JSON that a program sends. */
export const apiTrigger = defineNode({
  type: "api-trigger",
  name: "API call",
  category: "trigger",
  icon: "braces",
  summary: "Starts when a program calls the agent.",
  docs: `Starts a run with the JSON that a program sends as \`input\`.

**When to use it.** When another system calls the agent. Say what the input looks like, and every call is checked before anything runs, and names in your expressions are completed and checked on the canvas.

**Example.** With the schema
\`\`\`json
{ "type": "object", "properties": { "orderId": { "type": "string" } }, "required": ["orderId"] }
\`\`\`
a call with \`{ "input": { "orderId": "A-17" } }\` runs, and nodes read \`{{ input.orderId }}\`.

**Errors.** \`input_invalid\` with every problem of the input, each with its place.`,
  params: z.object({
    schema: schemaField({
      label: "What the input looks like",
      help: "A JSON Schema. Calls that don't fit are refused with an explanation. Leave it empty to take anything.",
    }),
  }),
  describe: ({ schema }) => {
    const names = isRecord(schema?.properties) ? Object.keys(schema.properties) : [];
    return cardLine(names.length > 0 ? `Takes ${names.join(", ")}` : "Takes any JSON");
  },
  output: ({ schema }) => (isRecord(schema) ? schema : anything),
});
