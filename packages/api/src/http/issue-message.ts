import type { z } from "zod";

const TYPES: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  record: "an object",
};

/** What zod says by itself, as against what a schema was given to say. */
const ITS_OWN_WORDS = /^(Invalid |Too (small|big)|Unrecognized key)/;

/** What is wrong with a field, in words for people. It follows the field's name, so it begins small. */
export function issueMessage(issue: z.core.$ZodIssue): string {
  if (!ITS_OWN_WORDS.test(issue.message)) return issue.message;
  switch (issue.code) {
    case "invalid_type":
      return issue.message.endsWith("received undefined")
        ? `this is missing; it must be ${TYPES[issue.expected] ?? issue.expected}`
        : `this must be ${TYPES[issue.expected] ?? issue.expected}`;
    case "invalid_value":
      return `this must be ${issue.values.map((value) => JSON.stringify(value)).join(" or ")}`;
    case "too_small":
      if (issue.origin === "string" && issue.minimum === 1) return "this must not be empty";
      return `this must ${sizeOf("at least", issue.minimum, issue.origin)}`;
    case "too_big":
      return `this must ${sizeOf("at most", issue.maximum, issue.origin)}`;
    case "unrecognized_keys":
      return `there is no field ${issue.keys.map((key) => JSON.stringify(key.slice(0, 64))).join(", ")} here`;
    case "invalid_format":
      return FORMATS[issue.format] ?? issue.message;
    default:
      return issue.message;
  }
}

const FORMATS: Readonly<Record<string, string>> = {
  email: "this is not an e-mail address",
  uuid: "this is not an id",
  url: "this is not a web address",
  datetime: "this is not a time such as 2026-01-31T12:00:00Z",
};

function sizeOf(comparison: string, size: number | bigint, origin: string): string {
  if (origin === "string") return `have ${comparison} ${size} ${size === 1 ? "character" : "characters"}`;
  if (origin === "array" || origin === "set") return `have ${comparison} ${size} ${size === 1 ? "entry" : "entries"}`;
  return `be ${comparison} ${size}`;
}
