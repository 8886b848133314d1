import { defineHandler } from "@heddle/node-kit";
import { HeddleError, isRecord, type Json } from "@heddle/schema";
import { errorTrigger } from "./definition.ts";

export const handler = defineHandler(errorTrigger, {
  run({ input }) {
    if (!isRecord(input) || !isRecord(input["error"])) {
      throw new HeddleError("input_invalid", "input.error is missing, so there is no failure to handle.", {
        hint: 'Test it with an input such as { "executionId": "…", "agent": { "id": "…", "name": "Shop" }, "error": { "code": "http_failed", "message": "…" }, "input": {} }.',
      });
    }
    return { output: input as Json };
  },
});
