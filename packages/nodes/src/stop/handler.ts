import { defineHandler } from "@heddle/node-kit";
import { HeddleError, isRecord } from "@heddle/schema";
import { jsonValue } from "../json-value.ts";
import { stop } from "./definition.ts";

/** Messages are kept with the run and sent to whoever started it. */
const MAX_MESSAGE_LENGTH = 2_000;

export const handler = defineHandler(stop, {
  run({ params }) {
    const { code, message } = params;
    const given = params.details === undefined ? {} : jsonValue(params.details);
    const details = isRecord(given) ? given : { value: given };
    throw new HeddleError("run_stopped", message.slice(0, MAX_MESSAGE_LENGTH), { details: { ...details, code } });
  },
});
