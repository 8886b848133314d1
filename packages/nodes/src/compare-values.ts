import type { Json } from "@heddle/schema";
import { textOf } from "./param-fields.ts";

/** One order for all servers, whatever language they run in: digits in texts count as numbers, capitals hardly. */
const collator = new Intl.Collator("en", { numeric: true, sensitivity: "variant" });

/** Negative where `left` comes first. Numbers, also in texts, by size; all else as text, so ISO dates by time. */
export function compareValues(left: Json, right: Json): number {
  const [first, second] = [numberOf(left), numberOf(right)];
  if (first !== undefined && second !== undefined) return first - second;
  return collator.compare(textOf(left), textOf(right));
}

/** A number, or a text that is nothing but one. */
export function numberOf(value: Json | undefined): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value !== "string" || value.trim() === "") return undefined;
  const parsed = Number(value);
  return Number.isFinite(parsed) ? parsed : undefined;
}
