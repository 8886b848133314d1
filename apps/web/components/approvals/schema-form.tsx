"use client";
import { isRecord, type Json, type JsonSchema } from "@heddle/schema";
import { JsonControl } from "@/builder/inspector/controls/json-control";
import { fieldsOfSchema, type SchemaField } from "@/builder/model/schema-fields.ts";
import { type FieldControlProps, FormField } from "@/components/ui/form-field";
import { Input } from "@/components/ui/input";
import { Select } from "@/components/ui/select";
import { Switch } from "@/components/ui/switch";

export interface SchemaFormProps {
  schema: JsonSchema;
  value: Record<string, Json>;
  onChange: (value: Record<string, Json>) => void;
  isDisabled?: boolean;
}

/** A form made from a JSON Schema: a control for each field, and JSON for what has no control of its own. */
export function SchemaForm({ schema, value, onChange, isDisabled = false }: SchemaFormProps) {
  const fields = fieldsOfSchema(schema as Json);
  if (fields === undefined)
    return (
      <FormField label="Values" help="As JSON.">
        {(control) => (
          <JsonControl
            {...control}
            value={value}
            scope={undefined}
            rows={6}
            isDisabled={isDisabled}
            onChange={(next) => onChange(isRecord(next) ? (next as Record<string, Json>) : {})}
          />
        )}
      </FormField>
    );
  const set = (name: string, next: Json | undefined) => {
    const { [name]: _old, ...rest } = value;
    onChange(next === undefined ? rest : { ...rest, [name]: next });
  };
  return (
    <div className="flex flex-col gap-3.5">
      {fields.map((field) => (
        <FormField
          key={field.name}
          label={field.schema.title ?? spoken(field.name)}
          help={field.description === "" ? undefined : field.description}
          isOptional={!field.isRequired && field.type !== "boolean"}
        >
          {(control) => (
            <FieldInput
              {...control}
              field={field}
              value={value[field.name]}
              isDisabled={isDisabled}
              onChange={(next) => set(field.name, next)}
            />
          )}
        </FormField>
      ))}
    </div>
  );
}

/** What a form begins with: the defaults of its fields, and no for what is yes or no. */
export function startOfForm(schema: JsonSchema | undefined): Record<string, Json> {
  const fields = schema === undefined ? [] : (fieldsOfSchema(schema as Json) ?? []);
  return Object.fromEntries(
    fields.flatMap(({ name, type, isRequired, schema: field }): [string, Json][] => {
      if (field.default !== undefined) return [[name, field.default as Json]];
      return type === "boolean" && isRequired ? [[name, false]] : [];
    }),
  );
}

interface FieldInputProps extends FieldControlProps {
  field: SchemaField;
  value: Json | undefined;
  onChange: (value: Json | undefined) => void;
  isDisabled: boolean;
}

/** Stands for "none" in a select, whose values can't be empty. */
const NONE = "\u0000none";

function FieldInput({ field, value, onChange, isDisabled, ...control }: FieldInputProps) {
  const { type, schema } = field;
  const format = typeof schema["format"] === "string" ? schema["format"] : undefined;
  const choices = Array.isArray(schema.enum) ? schema.enum.map(String) : undefined;
  if (choices !== undefined && type !== "array" && type !== "object")
    return (
      <Select
        {...control}
        value={value === undefined || value === null ? undefined : String(value)}
        options={[
          ...(field.isRequired ? [] : [{ value: NONE, label: "None" }]),
          ...choices.map((choice) => ({ value: choice, label: choice })),
        ]}
        isDisabled={isDisabled}
        onValueChange={(next) => onChange(next === NONE ? undefined : ((schema.enum?.[choices.indexOf(next)] ?? next) as Json))}
      />
    );
  switch (type) {
    case "boolean":
      return <Switch {...control} className="self-start" checked={value === true} disabled={isDisabled} onCheckedChange={onChange} />;
    case "number":
    case "integer":
      return (
        <Input
          {...control}
          type="number"
          step={type === "integer" ? 1 : "any"}
          required={field.isRequired}
          disabled={isDisabled}
          value={typeof value === "number" ? value : ""}
          onChange={({ target }) => onChange(target.value === "" ? undefined : Number(target.value))}
        />
      );
    case "string":
      return format === undefined && (typeof schema["maxLength"] !== "number" || schema["maxLength"] > 200) ? (
        <textarea
          {...control}
          rows={2}
          disabled={isDisabled}
          value={typeof value === "string" ? value : ""}
          onChange={({ target }) => onChange(target.value === "" ? undefined : target.value)}
          className="field-sizing-content min-h-14 w-full rounded-md border border-line-strong bg-surface px-2.5 py-1.5 text-sm shadow-xs outline-none focus:border-accent focus:ring-2 focus:ring-accent/30 disabled:opacity-60"
        />
      ) : (
        <Input
          {...control}
          type={INPUT_TYPES[format ?? ""] ?? "text"}
          disabled={isDisabled}
          value={typeof value === "string" ? value : ""}
          onChange={({ target }) => onChange(target.value === "" ? undefined : target.value)}
        />
      );
    default:
      return <JsonControl {...control} value={value} scope={undefined} rows={3} isDisabled={isDisabled} onChange={onChange} />;
  }
}

const INPUT_TYPES: Record<string, string> = { date: "date", email: "email", uri: "url" };

/** `refundAmount` and `refund_amount` as people write it: Refund amount. */
function spoken(name: string): string {
  const words = name
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replaceAll("_", " ")
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
