import { isRecord, type Json } from "@heddle/schema";

/** Larger values than this are kept in file storage, bytes of JSON. */
export const MAX_INLINE_BYTES = 256 * 1024;

/** Points from a row to a value in file storage. */
export interface FileReference {
  /** Of the file's bytes, hexadecimal; also its name. */
  sha256: string;
  /** Size of the value as JSON. */
  bytes: number;
  /** How the value's JSON text begins. */
  preview: string;
}

/**
 * The one key that means something in a stored value. What people store under it themselves is put in an envelope, so a
 * reference can't be forged: `{"$file": {…}}` is one of ours, `{"$file": null, "value": …}` holds one of theirs.
 */
const KEY = "$file";

/** A stored value that stands for one in file storage; undefined for all others. */
export function referenceOf(stored: Json): FileReference | undefined {
  if (!isRecord(stored) || !Object.hasOwn(stored, KEY)) return undefined;
  const reference: unknown = stored[KEY];
  if (!isRecord(reference)) return undefined;
  const { sha256, bytes, preview } = reference;
  return typeof sha256 === "string" && typeof bytes === "number" && typeof preview === "string" ? { sha256, bytes, preview } : undefined;
}

/** What is stored for a value in file storage. */
export function toStoredReference({ sha256, bytes, preview }: FileReference): Json {
  return { [KEY]: { sha256, bytes, preview } };
}

/** What is stored for a value that lies in the row itself: the value, in an envelope where it looks like one of ours. */
export function toStoredInline(value: Json): Json {
  return isRecord(value) && Object.hasOwn(value, KEY) ? { [KEY]: null, value } : value;
}

/** The value that a row holds, which is not a reference. */
export function fromStoredInline(stored: Json): Json {
  return isRecord(stored) && Object.hasOwn(stored, KEY) && stored[KEY] === null ? (stored["value"] as Json) : stored;
}

/** Whether a value's JSON text has at most so many bytes. Small values are not written as text to find out. */
export function fitsInto(maxBytes: number, value: Json): boolean {
  const survey = { left: maxBytes };
  look(value, survey);
  return survey.left >= 0 || Buffer.byteLength(JSON.stringify(value)) <= maxBytes;
}

/** Takes at least a value's size from what is left, and stops when nothing is. */
function look(value: Json, survey: { left: number }): void {
  switch (typeof value) {
    case "string":
      // A character is written as at most six bytes.
      survey.left -= value.length * 6 + 3;
      return;
    case "object":
      survey.left -= 5;
      if (value === null) return;
      if (Array.isArray(value)) {
        for (let index = 0; index < value.length && survey.left >= 0; index += 1) look(value[index] as Json, survey);
        return;
      }
      for (const key in value) {
        survey.left -= key.length * 6 + 4;
        if (survey.left < 0) return;
        look(value[key] as Json, survey);
      }
      return;
    default:
      survey.left -= 26;
  }
}
