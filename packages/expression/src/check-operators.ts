import type { BinaryExpression, Expression } from "acorn";
import type { Json, JsonSchema } from "@heddle/schema";
import { NUMBER, TEXT } from "./builtin.ts";
import { type Checker, listNames, report } from "./checker.ts";
import { quoteSource } from "./fault.ts";
import { spanOf } from "./refusals.ts";
import { constantsOf, describeWithArticle, isOnly } from "./schema-types.ts";
import { didYouMean } from "./suggest.ts";

/** Reports operands that an arithmetic operator or a comparison can never take. */
export function checkOperands(checker: Checker, operator: string, operands: [Expression, JsonSchema][]): void {
  for (const [node, type] of operands) {
    if (!isOnly(type, "object", "array")) continue;
    const subject = `\`${quoteSource(checker.source, spanOf(node))}\` is ${describeWithArticle(type)}`;
    report(checker, "type_mismatch", spanOf(node), `${subject}, which ${operator} can't take. Use one of its fields, or length(…).`);
  }
}

/** The type of `left + right`. */
export function typeOfSum(left: JsonSchema, right: JsonSchema): JsonSchema {
  if (isOnly(left, "string") || isOnly(right, "string")) return TEXT;
  if (isOnly(left, "number", "integer", "boolean") && isOnly(right, "number", "integer", "boolean")) return NUMBER;
  return { type: ["string", "number"] };
}

/** Reports a comparison with a constant that the other side can never be: mostly a misspelt label. */
export function checkEquality(checker: Checker, node: BinaryExpression, left: JsonSchema, right: JsonSchema): void {
  const leftConstants = constantsOf(left);
  const rightConstants = constantsOf(right);
  if (leftConstants === undefined || rightConstants === undefined) return;
  if (leftConstants.some((value) => rightConstants.some((other) => mayEqual(value, other)))) return;
  const [constant, choices] = leftConstants.length === 1 ? [leftConstants[0], rightConstants] : [rightConstants[0], leftConstants];
  const texts = choices.filter((choice): choice is string => typeof choice === "string");
  const advice =
    typeof constant === "string" ? didYouMean(constant, texts) || (texts.length > 0 ? ` It can be ${listNames(texts)}.` : "") : "";
  report(checker, "never_equal", spanOf(node), `The two sides of this comparison are never equal.${advice}`);
}

function mayEqual(left: Json, right: Json): boolean {
  if (typeof left === "object" || typeof right === "object") return left === null && right === null;
  return left === right || (typeof left !== typeof right && Number(left) === Number(right));
}
