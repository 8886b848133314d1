import { createHash } from "node:crypto";
import { isRecord, type AgentDocument } from "@heddle/schema";

/** SHA-256 (hexadecimal) of the canonical document: the same for documents that differ only in the order of keys. */
export function configHash(document: AgentDocument): string {
  return createHash("sha256").update(canonicalJson(document)).digest("hex");
}

/** JSON with sorted keys and without what is undefined. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    isRecord(inner) ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1))) : inner,
  );
}
