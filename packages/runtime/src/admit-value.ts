import { HeddleError, type Json } from "@heddle/schema";

/** Size of one step's output by default, bytes of JSON. Larger values belong in file storage. */
export const DEFAULT_MAX_VALUE_BYTES = 256 * 1024;

/** Deeper values are refused: no agent needs them, and they end in stack overflows elsewhere. */
const MAX_DEPTH = 200;

/**
 * Admits what a handler returned into the run: plain JSON of at most `maxBytes`. A value that JSON would change
 * (`undefined`, NaN, dates) is replaced by what JSON makes of it, so that a resumed run sees what the first one saw.
 * @throws HeddleError value_too_large, output_invalid
 */
export function admitValue(value: unknown, maxBytes: number): Json {
  const survey: Survey = { bytesAtLeast: 0, bytesAtMost: 0, isExact: true, maxBytes };
  look(value, survey, 0);
  if (survey.isExact && survey.bytesAtMost <= maxBytes) return value as Json;

  let text: string;
  try {
    // JSON has no text for undefined and functions.
    text = JSON.stringify(value) ?? "null";
  } catch (cause) {
    throw new HeddleError("output_invalid", "The node's output can't be written as JSON.", { cause });
  }
  if (new TextEncoder().encode(text).length > maxBytes) throw tooLarge(maxBytes);
  return survey.isExact ? (value as Json) : (JSON.parse(text) as Json);
}

/** A lower bound of a JSON value's size, bytes; cheap, and never much above `enough`. */
export function bytesAtLeast(value: Json, enough: number): number {
  if (typeof value === "string") return value.length + 2;
  if (typeof value !== "object" || value === null) return 1;
  let bytes = 2;
  if (Array.isArray(value)) {
    for (const item of value) if (bytes <= enough) bytes += 1 + bytesAtLeast(item, enough - bytes);
  } else {
    for (const key in value) if (bytes <= enough) bytes += key.length + 3 + bytesAtLeast(value[key] ?? null, enough - bytes);
  }
  return bytes;
}

interface Survey {
  /** Never more than the JSON text's size: stops the survey of huge values, and of small ones that repeat themselves. */
  bytesAtLeast: number;
  /** Never less than it, and cheap: a character counts as the six bytes of its longest escape. */
  bytesAtMost: number;
  /** Whether the value is what it would be after a round trip through JSON. */
  isExact: boolean;
  readonly maxBytes: number;
}

function look(value: unknown, survey: Survey, depth: number): void {
  survey.bytesAtLeast += 1;
  if (survey.bytesAtLeast > survey.maxBytes) throw tooLarge(survey.maxBytes);
  switch (typeof value) {
    case "string":
      survey.bytesAtLeast += value.length + 1;
      survey.bytesAtMost += value.length * 6 + 2;
      return;
    case "number":
      survey.bytesAtMost += 25;
      if (!Number.isFinite(value)) survey.isExact = false;
      return;
    case "boolean":
      survey.bytesAtMost += 5;
      return;
    case "object":
      break;
    default:
      // May be left out of its object, so it counts for nothing.
      survey.bytesAtLeast -= 1;
      survey.isExact = false;
      return;
  }
  survey.bytesAtMost += 4;
  if (value === null) return;
  if (depth >= MAX_DEPTH) throw new HeddleError("output_invalid", `The node's output is nested more than ${MAX_DEPTH} levels deep.`);
  if (Array.isArray(value)) {
    survey.bytesAtMost += value.length;
    for (const item of value) look(item, survey, depth + 1);
    return;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if ((prototype !== Object.prototype && prototype !== null) || "toJSON" in value) survey.isExact = false;
  for (const key in value) {
    survey.bytesAtMost += key.length * 6 + 4;
    look((value as Record<string, unknown>)[key], survey, depth + 1);
  }
}

function tooLarge(maxBytes: number): HeddleError {
  return new HeddleError("value_too_large", `The node's output is larger than ${maxBytes} bytes.`, {
    hint: "Pass on only the part that later nodes need.",
    details: { maxBytes },
  });
}
