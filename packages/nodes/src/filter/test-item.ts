import { isRecord, type Json } from "@heddle/schema";
import { compareValues } from "../compare-values.ts";
import { compilePattern } from "../regular-expression.ts";
import { sameValue } from "../same-value.ts";
import { textOf } from "../param-fields.ts";
import type { Operator } from "./operators.ts";

/**
 * A test of field values, prepared once for all items.
 * @throws HeddleError param_invalid for a pattern that can't be read
 */
export function prepareTest(operator: Operator, wanted: Json): (value: Json | undefined) => boolean {
  switch (operator) {
    case "equals":
      return (value) => sameValue(value ?? null, wanted);
    case "notEquals":
      return (value) => !sameValue(value ?? null, wanted);
    case "greater":
      return ordered(wanted, (order) => order > 0);
    case "greaterOrEqual":
      return ordered(wanted, (order) => order >= 0);
    case "less":
      return ordered(wanted, (order) => order < 0);
    case "lessOrEqual":
      return ordered(wanted, (order) => order <= 0);
    case "contains":
      return (value) => isContained(value, wanted);
    case "notContains":
      return (value) => !isContained(value, wanted);
    case "startsWith":
      return (value) => isText(value) && textOf(value).startsWith(textOf(wanted));
    case "endsWith":
      return (value) => isText(value) && textOf(value).endsWith(textOf(wanted));
    case "matches": {
      const pattern = compilePattern(textOf(wanted));
      return (value) => isText(value) && pattern.matcher(textOf(value)).find();
    }
    case "in": {
      const choices = Array.isArray(wanted)
        ? wanted
        : textOf(wanted)
            .split(",")
            .map((choice) => choice.trim());
      return (value) => choices.some((choice) => sameValue(value ?? null, choice));
    }
    case "isEmpty":
      return isEmpty;
    case "isNotEmpty":
      return (value) => !isEmpty(value);
    case "isTrue":
      return (value) => value === true || value === "true";
    case "isFalse":
      return (value) => value === false || value === "false";
  }
}

/** What is not there is neither more nor less than anything. */
function ordered(wanted: Json, isFit: (order: number) => boolean): (value: Json | undefined) => boolean {
  return (value) => value !== undefined && value !== null && wanted !== null && isFit(compareValues(value, wanted));
}

function isContained(value: Json | undefined, wanted: Json): boolean {
  if (Array.isArray(value)) return value.some((item) => sameValue(item, wanted));
  if (isRecord(value)) return Object.hasOwn(value, textOf(wanted));
  return isText(value) && textOf(value).includes(textOf(wanted));
}

function isText(value: Json | undefined): value is string | number | boolean {
  return value !== undefined && value !== null && typeof value !== "object";
}

function isEmpty(value: Json | undefined): boolean {
  if (value === undefined || value === null) return true;
  if (typeof value === "string") return value.trim() === "";
  return typeof value === "object" && Object.keys(value).length === 0;
}
