import type { Json } from "@heddle/schema";

/** A JSON value as text to be edited. A text that is one whole expression stands without quotes. */
export function jsonText(value: Json | undefined): string {
  if (value === undefined) return "";
  if (typeof value === "string" && (value.includes("{{") || value === "")) return value;
  return JSON.stringify(value, null, 2);
}

/** Reads what was typed: nothing, an expression, or JSON. */
export function readJsonText(text: string): { ok: true; value: Json | undefined } | { ok: false; message: string } {
  const trimmed = text.trim();
  if (trimmed === "") return { ok: true, value: undefined };
  try {
    return { ok: true, value: JSON.parse(trimmed) as Json };
  } catch (error) {
    if (trimmed.startsWith("{{") || (trimmed.includes("{{") && !/^[{["]/.test(trimmed))) return { ok: true, value: text };
    const place = error instanceof Error ? /position (\d+)/.exec(error.message)?.[1] : undefined;
    const line = place === undefined ? undefined : trimmed.slice(0, Number(place)).split("\n").length;
    return { ok: false, message: `This is not JSON yet${line === undefined ? "" : `: look at line ${line}`}.` };
  }
}
