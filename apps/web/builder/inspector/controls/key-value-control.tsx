"use client";
import { isRecord, type Json, type JsonSchema } from "@heddle/schema";
import { Plus, X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { Input } from "@/components/ui/input";
import { ExpressionField } from "../expression-field";

export interface KeyValueControlProps {
  label: string;
  value: Json | undefined;
  onChange: (value: Json | undefined) => void;
  scope: JsonSchema | undefined;
  isDisabled: boolean;
}

type Row = [name: string, value: Json];

/** Names with values, one row each. Rows without a name are not saved. */
export function KeyValueControl({ label, value, onChange, scope, isDisabled }: KeyValueControlProps) {
  const [rows, setRows] = useState<Row[]>(() => rowsOf(value));
  const own = useRef(value);
  useEffect(() => {
    if (Object.is(own.current, value)) return;
    own.current = value;
    setRows(rowsOf(value));
  }, [value]);
  const change = (next: Row[]) => {
    setRows(next);
    const named = next.filter(([name]) => name !== "");
    own.current = named.length === 0 ? undefined : Object.fromEntries(named);
    onChange(own.current);
  };
  return (
    <div className="flex flex-col gap-1.5">
      {rows.map(([name, content], index) => (
        <div key={index} className="grid grid-cols-[2fr_3fr_auto] items-start gap-1.5">
          <Input
            aria-label={`${label}: name ${index + 1}`}
            className="font-mono text-xs"
            placeholder="name"
            value={name}
            disabled={isDisabled}
            onChange={(event) => change(rows.with(index, [event.target.value, content]))}
          />
          <ExpressionField
            aria-label={`${label}: value ${index + 1}`}
            placeholder="value"
            scope={scope}
            value={typeof content === "string" ? content : JSON.stringify(content)}
            isDisabled={isDisabled}
            onChange={(next) => change(rows.with(index, [name, next]))}
          />
          <Button
            variant="ghost"
            size="icon"
            aria-label={`Remove ${name || `row ${index + 1}`}`}
            disabled={isDisabled}
            onClick={() => change(rows.toSpliced(index, 1))}
          >
            <X aria-hidden />
          </Button>
        </div>
      ))}
      <Button variant="ghost" size="sm" className="self-start" disabled={isDisabled} onClick={() => setRows([...rows, ["", ""]])}>
        <Plus aria-hidden />
        Add
      </Button>
    </div>
  );
}

function rowsOf(value: Json | undefined): Row[] {
  return isRecord(value) ? (Object.entries(value) as Row[]) : [];
}
