import { defineHandler } from "@heddle/node-kit";
import { HeddleError } from "@heddle/schema";
import { checkAgainstSchema, problemsAsText, toProblems } from "../json-schema.ts";
import { valueOrArrival } from "../step-input.ts";
import { validate } from "./definition.ts";

export const handler = defineHandler(validate, {
  run(context) {
    const value = valueOrArrival(context, "value");
    const found = checkAgainstSchema(context.params.schema ?? {}, value);
    if (found.length > 0 && context.params.onInvalid === "fail") {
      throw new HeddleError("output_invalid", `The value does not fit: ${problemsAsText(found)}.`, {
        problems: toProblems(found, "value", "output_invalid"),
        details: { problems: found },
      });
    }
    return {
      output: { isValid: found.length === 0, value, problems: found.map(({ path, message }) => ({ path, message })) },
      ports: [found.length === 0 ? "valid" : "invalid"],
    };
  },
});
