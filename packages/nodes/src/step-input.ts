import type { StepContext } from "@heddle/node-kit";
import { HeddleError, isRecord, type Json } from "@heddle/schema";
import { jsonValue } from "./json-value.ts";

/**
 * The value of a JSON param; where it was left empty, what the nodes before gave: the value itself when one arrived,
 * `{nodeId: value}` when several did, the run's input when none did (as for a tool).
 */
export function valueOrArrival<P extends object>(context: StepContext<P>, param: keyof P & string): Json {
  // An expression that found nothing is a null of its own, not an empty field.
  if (Object.hasOwn(context.params, param)) return jsonValue(context.params[param]);
  const arrived = Object.values(context.arrivals).flat();
  if (arrived.length === 0) return context.input;
  if (arrived.length === 1) return arrived[0]?.value ?? null;
  return Object.fromEntries(arrived.map(({ nodeId, value }) => [nodeId, value]));
}

/**
 * The text of a param; where it was left empty, the message the run began with.
 * @throws HeddleError param_invalid where there is neither
 */
export function textOrMessage(context: Pick<StepContext, "input">, text: string | undefined, label: string): string {
  if (text !== undefined && text.trim() !== "") return text;
  const { input } = context;
  const message = isRecord(input) ? input["message"] : input;
  if (typeof message === "string" && message.trim() !== "") return message;
  throw new HeddleError("param_invalid", `${label} is empty, and the run did not begin with a message.`, {
    hint: `Fill in ${label}, for example with {{ input.message }}.`,
  });
}
