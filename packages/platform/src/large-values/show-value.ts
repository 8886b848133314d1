import type { Json, ValueFile } from "@heddle/schema";
import { fromStoredInline, referenceOf } from "./stored-value.ts";

/** A stored value as the API shows it where values are many: one in file storage is left out, and said where it is. */
export function showValue(executionId: string, stored: Json): { value: Json; file?: ValueFile } {
  const reference = referenceOf(stored);
  if (!reference) return { value: fromStoredInline(stored) };
  const { sha256, bytes, preview } = reference;
  return { value: null, file: { url: `/api/executions/${executionId}/files/${sha256}`, bytes, preview } };
}
