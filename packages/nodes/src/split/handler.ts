import { defineHandler, type StepContext } from "@heddle/node-kit";
import { HeddleError, isRecord, type Json } from "@heddle/schema";
import type { z } from "zod";
import { itemsOf, readField } from "../list-items.ts";
import { textOf } from "../param-fields.ts";
import { valueOrArrival } from "../step-input.ts";
import { split } from "./definition.ts";

type SplitContext = StepContext<z.output<(typeof split)["params"]>>;

export const handler = defineHandler(split, {
  run(context) {
    const items = partsOf(context);
    return { output: { items, count: items.length } };
  },
});

function partsOf(context: SplitContext): Json[] {
  const { mode, size, field = "", keepRest } = context.params;
  if (mode === "text") return piecesOf(context);
  const list = itemsOf(context);
  if (mode === "batches") {
    return Array.from({ length: Math.ceil(list.length / size) }, (_, index) => list.slice(index * size, (index + 1) * size));
  }
  return list.flatMap((outer) => {
    const inner = readField(outer, field) ?? [];
    const rows = Array.isArray(inner) ? inner : [inner];
    if (!keepRest || !isRecord(outer)) return rows;
    const top = field.trim().split(".")[0] ?? "";
    const rest = Object.fromEntries(Object.entries(outer as Record<string, Json>).filter(([name]) => name !== top));
    const last = field.trim().split(".").at(-1) ?? "";
    return rows.map((row) => (isRecord(row) ? { ...rest, ...(row as Record<string, Json>) } : { ...rest, [last]: row }));
  });
}

function piecesOf(context: SplitContext): Json[] {
  const { separator, keepEmpty } = context.params;
  const value = valueOrArrival(context, "text");
  if (typeof value === "object") {
    throw new HeddleError("param_invalid", `Text is ${value === null ? "empty" : "no text"}, so there is nothing to split.`, {
      hint: "Use an expression that gives a text, for example {{ input.message }}.",
    });
  }
  const pieces = separator === undefined ? textOf(value).split(/\r\n|\r|\n/) : textOf(value).split(readEscapes(separator));
  return keepEmpty ? pieces : pieces.map((piece) => piece.trim()).filter((piece) => piece !== "");
}

/** People write a line break or a tab as they are written in code. */
function readEscapes(separator: string): string {
  return separator.replaceAll("\\n", "\n").replaceAll("\\t", "\t");
}
