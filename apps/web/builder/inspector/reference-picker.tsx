"use client";
import { describeSchema } from "@heddle/expression";
import type { JsonSchema } from "@heddle/schema";
import { Plus } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Popover, PopoverContent, PopoverTrigger } from "@/components/ui/popover";
import { Tooltip } from "@/components/ui/tooltip";
import { cn } from "@/lib/cn";
import { propertiesOf } from "../model/completions.ts";
import { useBuilder } from "../store/builder-context";

/** Lists what a field can read, node by node, for people who would rather choose than type. */
export function ReferencePicker({ scope, onPick }: { scope: JsonSchema; onPick: (expression: string) => void }) {
  const [isOpen, setIsOpen] = useState(false);
  const nodes = useBuilder((state) => state.nodesById);
  const entries = isOpen ? entriesOf(scope) : [];
  return (
    <Popover open={isOpen} onOpenChange={setIsOpen}>
      <Tooltip content="Insert a value">
        <PopoverTrigger asChild>
          <Button variant="ghost" size="iconXs" aria-label="Insert a value">
            <Plus aria-hidden />
          </Button>
        </PopoverTrigger>
      </Tooltip>
      <PopoverContent align="end" className="max-h-80 w-72 overflow-y-auto p-1" aria-label="Values that can be inserted">
        {entries.map((entry) => (
          <button
            type="button"
            key={entry.path}
            onClick={() => {
              onPick(`{{ ${entry.path} }}`);
              setIsOpen(false);
            }}
            style={{ paddingLeft: 8 + entry.depth * 14 }}
            className="flex h-7 w-full items-center gap-2 rounded-md pr-2 text-left text-xs hover:bg-hover focus-visible:bg-hover"
          >
            <span className={cn("truncate", entry.depth === 0 ? "font-medium" : "font-mono")}>
              {entry.depth === 0 ? (nodes.get(entry.label)?.name ?? entry.label) : entry.label}
            </span>
            <span className="ml-auto shrink-0 text-2xs text-subtle">{entry.type}</span>
          </button>
        ))}
        {entries.length === 0 && <p className="px-2 py-4 text-center text-xs text-muted">Nothing comes before this node yet.</p>}
      </PopoverContent>
    </Popover>
  );
}

interface Entry {
  path: string;
  label: string;
  depth: number;
  type: string;
}

function entriesOf(scope: JsonSchema): Entry[] {
  const walk = (schema: JsonSchema, path: string, depth: number): Entry[] =>
    depth > 3
      ? []
      : propertiesOf(schema)
          .filter(([name]) => /^[A-Za-z_]\w*$/.test(name))
          .flatMap(([name, inner]) => [
            { path: `${path}.${name}`, label: name, depth, type: describeSchema(inner) },
            ...walk(inner, `${path}.${name}`, depth + 1),
          ]);
  return propertiesOf(scope).flatMap(([name, schema]) => {
    // A node is read through `output`: one level less to look through.
    const output = propertiesOf(schema).find(([key]) => key === "output")?.[1];
    return output === undefined
      ? [{ path: name, label: name, depth: 0, type: describeSchema(schema) }, ...walk(schema, name, 1)]
      : [{ path: `${name}.output`, label: name, depth: 0, type: describeSchema(output) }, ...walk(output, `${name}.output`, 1)];
  });
}
