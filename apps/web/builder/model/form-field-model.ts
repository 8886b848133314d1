import { type FieldHint, fieldHint } from "@heddle/node-kit";
import type { Json } from "@heddle/schema";
import { z } from "zod";

export type FieldControl = NonNullable<FieldHint["control"]>;

/** One field of a form, made from one field of a zod object and its hint. */
export interface FormFieldModel {
  name: string;
  label: string;
  help?: string;
  placeholder?: string;
  control: FieldControl;
  hint: FieldHint;
  /** Whether the field must be filled in. */
  isRequired: boolean;
  /** Whether `{{ }}` is evaluated in it. */
  takesExpressions: boolean;
  isAdvanced: boolean;
  /** What holds when the field is left empty. */
  fallback?: Json;
  /** Choices of a `select`. */
  options: { value: string; label: string; help?: string }[];
  /** What an item of a `list` is: its fields, or one field for plain values. */
  item?: { kind: "object"; fields: FormFieldModel[] } | { kind: "value"; field: FormFieldModel };
}

/** The form of a node type: its params' fields in the order in which the author wrote them. */
export function formFieldsOf(params: z.ZodObject): FormFieldModel[] {
  return Object.entries(params.shape).map(([name, field]) => formFieldOf(name, field as z.ZodType));
}

function formFieldOf(name: string, field: z.ZodType): FormFieldModel {
  const hint = fieldHint(field, name);
  const inner = unwrap(field);
  const empty = field.safeParse(undefined);
  const control = hint.control ?? controlOf(inner);
  return {
    name,
    label: hint.label,
    ...(hint.help === undefined ? {} : { help: hint.help }),
    ...(hint.placeholder === undefined ? {} : { placeholder: hint.placeholder }),
    control,
    hint,
    isRequired: !empty.success,
    takesExpressions: hint.expressions !== "literal",
    isAdvanced: hint.isAdvanced === true,
    ...(empty.success && empty.data !== undefined ? { fallback: empty.data as Json } : {}),
    options: optionsOf(hint, inner),
    ...(control === "list" ? { item: itemOf(hint, inner) } : {}),
  };
}

/** Whether a field is shown while the other params are as they are. */
export function isFieldVisible(field: FormFieldModel, fields: readonly FormFieldModel[], params: Record<string, unknown>): boolean {
  const condition = field.hint.visibleWhen;
  if (condition === undefined) return true;
  const value = params[condition.field] ?? fields.find((candidate) => candidate.name === condition.field)?.fallback;
  return condition.in.some((candidate) => candidate === value);
}

/** What a new item of a list starts as. Items that have an `id` get one that no other item has. */
export function newListItem(field: FormFieldModel, items: readonly unknown[]): Json {
  if (field.item?.kind !== "object") return "";
  const fields = field.item.fields;
  if (!fields.some((candidate) => candidate.name === "id")) return {};
  const taken = new Set(
    items.map((item) => (typeof item === "object" && item !== null ? (item as Record<string, unknown>)["id"] : undefined)),
  );
  const stem = field.name.replace(/(?:es|s)$/, "") || "item";
  let number = items.length + 1;
  while (taken.has(`${stem}_${number}`)) number += 1;
  return { id: `${stem}_${number}` };
}

/** The schema without what surrounds it: optional, default, preprocess … */
function unwrap(schema: z.ZodType): z.ZodType {
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault
  ) {
    return unwrap(schema.unwrap() as z.ZodType);
  }
  if (schema instanceof z.ZodPipe) {
    return unwrap((schema.in instanceof z.ZodTransform ? schema.out : schema.in) as z.ZodType);
  }
  return schema;
}

function controlOf(schema: z.ZodType): FieldControl {
  if (schema instanceof z.ZodNumber) return "number";
  if (schema instanceof z.ZodBoolean) return "switch";
  if (schema instanceof z.ZodEnum) return "select";
  if (schema instanceof z.ZodArray) return "list";
  if (schema instanceof z.ZodRecord) return "keyValue";
  return schema instanceof z.ZodString ? "text" : schema instanceof z.ZodObject ? "json" : "text";
}

function optionsOf(hint: FieldHint, schema: z.ZodType): FormFieldModel["options"] {
  if (hint.options !== undefined) return hint.options;
  return schema instanceof z.ZodEnum ? schema.options.map((value) => ({ value: String(value), label: String(value) })) : [];
}

function itemOf(hint: FieldHint, schema: z.ZodType): NonNullable<FormFieldModel["item"]> {
  const element = schema instanceof z.ZodArray ? (schema.element as z.ZodType) : z.string();
  const inner = unwrap(element);
  if (inner instanceof z.ZodObject) return { kind: "object", fields: formFieldsOf(inner) };
  const field = formFieldOf("value", element);
  return { kind: "value", field: { ...field, label: field.label === "value" ? hint.label : field.label } };
}
