"use client";
import type { Json, JsonSchema } from "@heddle/schema";
import { useEffect, useRef, useState } from "react";
import type { FieldControlProps } from "@/components/ui/form-field";
import { jsonText, readJsonText } from "../../model/json-text.ts";
import { ExpressionField } from "../expression-field";

export interface JsonControlProps extends FieldControlProps {
  value: Json | undefined;
  onChange: (value: Json | undefined) => void;
  scope: JsonSchema | undefined;
  placeholder?: string | undefined;
  rows?: number;
  isDisabled: boolean;
}

/** JSON, or one expression that gives it. What is not JSON yet stays here and is not saved. */
export function JsonControl({ value, onChange, scope, placeholder, rows = 4, isDisabled, ...control }: JsonControlProps) {
  const [text, setText] = useState(() => jsonText(value));
  const [error, setError] = useState<string>();
  const own = useRef(value);
  // A change from outside (undo, another field) takes the place of what is typed; an echo of our own does not.
  useEffect(() => {
    if (Object.is(own.current, value)) return;
    own.current = value;
    setText(jsonText(value));
    setError(undefined);
  }, [value]);
  const change = (next: string) => {
    setText(next);
    const read = readJsonText(next);
    setError(read.ok ? undefined : read.message);
    if (!read.ok) return;
    own.current = read.value;
    onChange(read.value);
  };
  return (
    <div>
      <ExpressionField
        {...control}
        value={text}
        onChange={change}
        scope={scope}
        placeholder={placeholder}
        rows={rows}
        isCode
        isDisabled={isDisabled}
        {...(error === undefined ? {} : { "aria-invalid": true })}
      />
      {error !== undefined && <p className="mt-1 text-xs text-bad">{error}</p>}
    </div>
  );
}
