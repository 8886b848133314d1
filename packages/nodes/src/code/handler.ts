import { defineHandler } from "@heddle/node-kit";
import { valueOrArrival } from "../step-input.ts";
import { code } from "./definition.ts";

export const handler = defineHandler(code, {
  async run(context) {
    const { language, source, timeoutMs, memoryMb } = context.params;
    const { value, logs } = await context.services.code.run({
      language,
      source,
      input: valueOrArrival(context, "input"),
      timeoutMs,
      memoryMb,
      signal: context.signal,
    });
    return { output: { value, logs } };
  },
});
