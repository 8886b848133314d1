import type { FieldHint } from "@heddle/node-kit";
import { isRecord, type Json, type JsonSchema } from "@heddle/schema";
import { z } from "zod";

/**
 * Builders for params. Each carries its inspector hint, and takes what an expression may have left behind: a number where
 * text is wanted, `null` or an empty text where nothing was filled in. So no node has to say so again.
 */

/** Text that must be there. Other values become text: lists and objects as JSON. */
export function textField(hint: FieldHint) {
  return z.preprocess((value: string | undefined) => toText(value), z.string("fill this in").min(1, "fill this in")).meta({ ui: hint });
}

/** Text that may be left empty. */
export function optionalTextField(hint: FieldHint) {
  return z
    .preprocess((value: string | undefined) => toText(value), z.string().optional())
    .optional()
    .meta({ ui: hint });
}

/** A number, or text that reads as one. Absent when left empty. */
export function optionalNumberField(hint: FieldHint, limits: NumberLimits) {
  return z
    .preprocess((value: number | string | undefined) => toNumber(value), numberWithin(limits).optional())
    .optional()
    .meta({ ui: withLimits(hint, limits) });
}

/** A number, or text that reads as one, with the value it has when left empty. */
export function numberField(hint: FieldHint, limits: NumberLimits & { default: number }) {
  return z
    .preprocess((value: number | string | undefined) => toNumber(value), numberWithin(limits).default(limits.default))
    .meta({ ui: withLimits(hint, limits) });
}

/** Yes or no. */
export function switchField(hint: FieldHint, fallback: boolean) {
  return z
    .preprocess((value: boolean | string | undefined) => toBoolean(value), z.boolean("use true or false").default(fallback))
    .meta({ ui: { control: "switch", ...hint } satisfies FieldHint });
}

/** One of several fixed choices, the first one being the default. Literal, because ports and outputs follow from it. */
export function choiceField<const T extends string>(hint: FieldHint, choices: readonly { value: T; label: string; help?: string }[]) {
  const values = choices.map((choice) => choice.value) as [T, ...T[]];
  return z
    .preprocess((value: T | undefined) => blankToUndefined(value), z.enum(values, `choose one of ${values.join(", ")}`).default(values[0]))
    .meta({
      ui: { control: "select", expressions: "literal", ...hint, options: choices.map((choice) => ({ ...choice })) } satisfies FieldHint,
    });
}

/** Any JSON value; texts inside it may hold expressions. Absent when left empty. */
export function jsonField(hint: FieldHint) {
  return (z.unknown() as z.ZodType<Json | undefined>).optional().meta({ ui: { control: "json", ...hint } satisfies FieldHint });
}

/** A JSON Schema, never evaluated. Absent when left empty. */
export function schemaField(hint: FieldHint) {
  return z
    .preprocess(
      (value: JsonSchema | undefined) => blankToUndefined(value),
      z.custom<JsonSchema>(isRecord, 'use a JSON Schema: an object such as { "type": "object" }').optional(),
    )
    .optional()
    .meta({ ui: { control: "schema", expressions: "literal", ...hint } satisfies FieldHint });
}

/** Names with values, such as headers. Values may be anything that an expression gives. */
export function keyValueField(hint: FieldHint) {
  return z
    .preprocess(
      (value: Record<string, unknown> | undefined) => blankToUndefined(value),
      z.record(z.string(), z.unknown(), "use names with values").default({}),
    )
    .meta({ ui: { control: "keyValue", ...hint } satisfies FieldHint });
}

/** The text that people read for a value: nothing for null, JSON for lists and objects. */
export function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

interface NumberLimits {
  min?: number;
  max?: number;
  isInteger?: boolean;
}

function numberWithin({ min, max, isInteger }: NumberLimits): z.ZodNumber {
  let schema = z.number("use a number");
  if (isInteger) schema = schema.int("use a whole number");
  if (min !== undefined) schema = schema.min(min, `use ${min} or more`);
  if (max !== undefined) schema = schema.max(max, `use ${max} or less`);
  return schema;
}

function withLimits(hint: FieldHint, { min, max, isInteger }: NumberLimits): FieldHint {
  return {
    control: "number",
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
    ...(isInteger ? { step: 1 } : {}),
    ...hint,
  };
}

function blankToUndefined<T>(value: T): T | undefined {
  return value === null || value === "" ? undefined : value;
}

function toText(value: unknown): string | undefined {
  return value === null || value === undefined || value === "" ? undefined : textOf(value);
}

function toNumber(value: unknown): unknown {
  if (typeof value !== "string") return blankToUndefined(value);
  const trimmed = value.trim();
  if (trimmed === "") return undefined;
  const parsed = Number(trimmed);
  return Number.isFinite(parsed) ? parsed : value;
}

function toBoolean(value: unknown): unknown {
  if (typeof value !== "string") return blankToUndefined(value);
  const lowered = value.trim().toLowerCase();
  if (lowered === "") return undefined;
  return lowered === "true" ? true : lowered === "false" ? false : value;
}
