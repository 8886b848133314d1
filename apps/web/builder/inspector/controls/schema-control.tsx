"use client";
import { isRecord, type Json } from "@heddle/schema";
import { Asterisk, Plus, X } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import type { FieldControlProps } from "@/components/ui/form-field";
import { Input } from "@/components/ui/input";
import { Segmented } from "@/components/ui/segmented";
import { Select } from "@/components/ui/select";
import { Tooltip } from "@/components/ui/tooltip";
import { fieldsOfSchema, type SchemaField, schemaOfFields } from "../../model/schema-fields.ts";
import { JsonControl } from "./json-control";

const TYPES = [
  { value: "string", label: "Text" },
  { value: "number", label: "Number" },
  { value: "integer", label: "Whole number" },
  { value: "boolean", label: "Yes or no" },
  { value: "array", label: "List" },
  { value: "object", label: "Object" },
] as const;

/** A JSON Schema: as a table of fields where it is a plain object, else as JSON. */
export function SchemaControl({
  value,
  onChange,
  isDisabled,
  ...control
}: FieldControlProps & { value: Json | undefined; onChange: (value: Json | undefined) => void; isDisabled: boolean }) {
  const fields = fieldsOfSchema(value);
  const [wanted, setWanted] = useState<"fields" | "json">("fields");
  // Names being typed may be empty or doubled for a moment; they live here until they can stand in a schema.
  const [draft, setDraft] = useState<SchemaField[]>();
  const mode = fields === undefined ? "json" : wanted;
  const rows = draft ?? fields ?? [];
  const change = (next: SchemaField[]) => {
    const isWhole = next.every((field) => field.name !== "") && new Set(next.map((field) => field.name)).size === next.length;
    setDraft(isWhole ? undefined : next);
    if (isWhole) onChange(next.length === 0 ? undefined : (schemaOfFields(next, isRecord(value) ? value : {}) as Json));
  };
  const set = (index: number, patch: Partial<SchemaField>) =>
    change(rows.map((row, position) => (position === index ? { ...row, ...patch } : row)));
  return (
    <div className="flex flex-col gap-2">
      <Segmented
        aria-label="Edit the schema as"
        value={mode}
        onValueChange={setWanted}
        className="h-7 self-start"
        options={[
          { value: "fields", label: "Fields" },
          { value: "json", label: "JSON Schema" },
        ]}
      />
      {mode === "json" ? (
        <JsonControl
          {...control}
          value={value}
          onChange={onChange}
          scope={undefined}
          rows={8}
          isDisabled={isDisabled}
          placeholder={'{ "type": "object", "properties": { } }'}
        />
      ) : (
        <>
          {rows.map((field, index) => (
            <div key={index} className="rounded-md border border-line bg-sunken p-1.5">
              <div className="grid grid-cols-[1fr_112px_auto_auto] gap-1">
                <Input
                  aria-label={`Name of field ${index + 1}`}
                  placeholder="name"
                  className="h-7 font-mono text-xs"
                  value={field.name}
                  disabled={isDisabled}
                  onChange={(event) => set(index, { name: event.target.value })}
                />
                <Select
                  aria-label={`Type of field ${index + 1}`}
                  size="sm"
                  value={field.type}
                  options={TYPES}
                  isDisabled={isDisabled}
                  onValueChange={(type) => set(index, { type: type as SchemaField["type"] })}
                />
                <Tooltip content={field.isRequired ? "Required" : "Optional"}>
                  <Button
                    variant="ghost"
                    size="iconSm"
                    aria-label={`Field ${index + 1} is required`}
                    aria-pressed={field.isRequired}
                    className={field.isRequired ? "text-accent-text" : "text-subtle opacity-60"}
                    disabled={isDisabled}
                    onClick={() => set(index, { isRequired: !field.isRequired })}
                  >
                    <Asterisk aria-hidden />
                  </Button>
                </Tooltip>
                <Button
                  variant="ghost"
                  size="iconSm"
                  aria-label={`Remove field ${field.name || index + 1}`}
                  disabled={isDisabled}
                  onClick={() => change(rows.toSpliced(index, 1))}
                >
                  <X aria-hidden />
                </Button>
              </div>
              <Input
                aria-label={`Description of field ${index + 1}`}
                placeholder="What it means"
                className="mt-1 h-7 border-transparent bg-transparent text-xs shadow-none"
                value={field.description}
                disabled={isDisabled}
                onChange={(event) => set(index, { description: event.target.value })}
              />
            </div>
          ))}
          <Button
            variant="ghost"
            size="sm"
            className="self-start"
            disabled={isDisabled}
            onClick={() => change([...rows, { name: freshName(rows), type: "string", isRequired: true, description: "", schema: {} }])}
          >
            <Plus aria-hidden />
            Add field
          </Button>
        </>
      )}
    </div>
  );
}

function freshName(rows: readonly SchemaField[]): string {
  let number = rows.length + 1;
  while (rows.some((row) => row.name === `field${number}`)) number += 1;
  return `field${number}`;
}
