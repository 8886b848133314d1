"use client";
import type { Json } from "@heddle/schema";
import { useState } from "react";
import { Input } from "@/components/ui/input";
import type { FieldControlProps } from "@/components/ui/form-field";
import type { FormFieldModel } from "../../model/form-field-model.ts";

/** A number; empty means the default. What is half typed stays here until it is a number. */
export function NumberControl({
  field,
  value,
  onChange,
  isDisabled,
  ...control
}: FieldControlProps & {
  field: FormFieldModel;
  value: Json | undefined;
  onChange: (value: Json | undefined) => void;
  isDisabled: boolean;
}) {
  const outer = typeof value === "number" ? String(value) : "";
  const [text, setText] = useState(outer);
  const [known, setKnown] = useState(value);
  // A change from outside takes the place of what is typed; an echo of our own ("1." for 1) does not.
  if (known !== value) {
    setKnown(value);
    if (text === "" || Number(text) !== value) setText(outer);
  }
  return (
    <Input
      {...control}
      inputMode="decimal"
      className="tabular"
      value={text}
      placeholder={field.placeholder ?? (field.fallback === undefined ? "" : String(field.fallback))}
      disabled={isDisabled}
      onChange={(event) => {
        setText(event.target.value);
        if (event.target.value.trim() === "") onChange(undefined);
        else if (Number.isFinite(Number(event.target.value))) onChange(Number(event.target.value));
      }}
      onBlur={() => setText(outer)}
    />
  );
}
