import { createHash } from "node:crypto";

/** The UUIDv7 of a moment whose other bits follow from a name: whoever derives it again gets the same one. */
export function derivedId(moment: Date, ...name: string[]): string {
  const bytes = createHash("sha256").update(name.join("\0")).digest().subarray(0, 16);
  bytes.writeUIntBE(moment.getTime(), 0, 6);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x70;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const text = bytes.toString("hex");
  return [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20), text.slice(20)].join("-");
}
