import { HeddleError, type Json } from "@heddle/schema";
import { FunctionExpressionType, JSONPathEnvironment } from "json-p3";
import { compilePattern } from "../regular-expression.ts";
import type { Extraction } from "./extraction.ts";

const MAX_VALUES = 10_000;
/** Each `..` visits everything below each thing found so far, so the work grows with the power of their number. */
const MAX_DESCENTS = 2;

/**
 * Finds values by a JSONPath (RFC 9535); at most 10,000.
 * @throws HeddleError param_invalid when the path can't be read
 */
export function queryPath(path: string, from: Json): Extraction {
  if (path.split("..").length - 1 > MAX_DESCENTS) {
    throw new HeddleError("param_invalid", `The path uses .. more than ${MAX_DESCENTS} times.`, { hint: "Name the steps in between." });
  }
  const values: Json[] = [];
  try {
    for (const node of environment.lazyQuery(path, from)) {
      values.push(node.value as Json);
      if (values.length >= MAX_VALUES) break;
    }
  } catch (cause) {
    if (cause instanceof HeddleError) throw cause;
    throw new HeddleError("param_invalid", `The path can't be read: ${cause instanceof Error ? cause.message : "unknown reason"}.`, {
      hint: "A path begins with $, for example $.orders[0].id.",
      cause,
    });
  }
  return { value: values[0] ?? null, values, groups: {} };
}

const environment = new JSONPathEnvironment();

// The library's own match() and search() run patterns in JavaScript's engine, where some take exponential time.
function setTextTest(name: string, test: (pattern: ReturnType<typeof compilePattern>, text: string) => boolean): void {
  environment.functionRegister.set(name, {
    argTypes: [FunctionExpressionType.ValueType, FunctionExpressionType.ValueType],
    returnType: FunctionExpressionType.LogicalType,
    call: (text: unknown, pattern: unknown) =>
      typeof text === "string" && typeof pattern === "string" && test(compilePattern(pattern), text),
  });
}
setTextTest("match", (pattern, text) => pattern.matcher(text).matches());
setTextTest("search", (pattern, text) => pattern.matcher(text).find());
