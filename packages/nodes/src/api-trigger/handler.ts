import { defineHandler } from "@heddle/node-kit";
import { HeddleError } from "@heddle/schema";
import { checkAgainstSchema, problemsAsText, toProblems } from "../json-schema.ts";
import { apiTrigger } from "./definition.ts";

export const handler = defineHandler(apiTrigger, {
  run({ input, params }) {
    const found = params.schema === undefined ? [] : checkAgainstSchema(params.schema, input);
    if (found.length > 0) {
      throw new HeddleError("input_invalid", `The input does not fit: ${problemsAsText(found)}.`, {
        problems: toProblems(found, "input", "input_invalid"),
      });
    }
    return { output: input };
  },
});
