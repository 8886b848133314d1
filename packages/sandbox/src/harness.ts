/** How much of `console` is kept. */
const MAX_LOGS = 200;
const MAX_LOG_LENGTH = 2_000;

/**
 * Runs inside the engine before the person's code and hands over `invoke`, the only thing the outside calls. Everything
 * it needs is taken before that code can change it, and all that leaves the engine is one string: no function of the
 * host is reachable from inside.
 */
export const HARNESS = `(() => {
  "use strict";
  const { parse, stringify } = JSON;
  const text = String;
  const slice = Function.prototype.call.bind(String.prototype.slice);
  let lines = 0;
  // JSON text from the start: a list would be at the mercy of a toJSON that the code puts on its prototype.
  let logs = "";
  const quote = (string) => stringify(text(string));
  const show = (value) => {
    if (typeof value === "string") return value;
    if (value instanceof Error) return text(value);
    try { return stringify(value) ?? text(value); } catch { return text(value); }
  };
  const log = (...values) => {
    if (lines >= ${MAX_LOGS}) return;
    let line = "";
    for (let i = 0; i < values.length && line.length < ${MAX_LOG_LENGTH}; i++) line += (i === 0 ? "" : " ") + show(values[i]);
    if (++lines === ${MAX_LOGS}) line = "(more was logged and is not shown)";
    logs += (lines === 1 ? "" : ",") + quote(slice(line, 0, ${MAX_LOG_LENGTH}));
  };
  globalThis.console = { log, info: log, warn: log, error: log, debug: log };
  const describe = (error) => {
    try {
      const isError = error instanceof Error;
      return { name: isError ? text(error.name) : "Error", message: slice(isError ? text(error.message) : show(error), 0, 2000), stack: isError ? slice(text(error.stack), 0, 4000) : "" };
    } catch {
      return { name: "Error", message: "The code threw something that can't be shown.", stack: "" };
    }
  };
  return async (main, input, maxLength) => {
    try {
      const value = await main(parse(input));
      const json = stringify(value) ?? "null";
      if (json.length > maxLength) return '{"tooLarge":true}';
      return '{"value":' + json + ',"logs":[' + logs + "]}";
    } catch (error) {
      const { name, message, stack } = describe(error);
      return '{"error":{"name":' + quote(name) + ',"message":' + quote(message) + ',"stack":' + quote(stack) + '},"logs":[' + logs + "]}";
    }
  };
})()`;

/** Lines that {@link wrapSource} puts before the person's own. */
export const LINES_BEFORE = 1;

/** Makes a function of a body that may \`return\`, or of a script with \`export default\`. Lines keep their numbers but for {@link LINES_BEFORE}. */
export function wrapSource(source: string): string {
  const script = source.replace(/^([ \t]*)export[ \t]+default[ \t]+/m, "$1const __main = ");
  const end = script === source ? "" : 'return typeof __main === "function" ? __main(input) : __main;';
  return `(async (input) => {\n${script}\n${end}})`;
}
