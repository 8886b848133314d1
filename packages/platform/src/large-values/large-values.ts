import { createHash } from "node:crypto";
import type { FileStorage } from "@heddle/files";
import { HeddleError, type Json, type StepRecord } from "@heddle/schema";
import { valueKey } from "./value-key.ts";
import {
  type FileReference,
  fitsInto,
  fromStoredInline,
  MAX_INLINE_BYTES,
  referenceOf,
  toStoredInline,
  toStoredReference,
} from "./stored-value.ts";

/** Whose value it is. */
export interface ValueOwner {
  workspaceId: string;
  executionId: string;
}

const PREVIEW_LENGTH = 1_000;

/**
 * Keeps the values of runs that are too large for a row. Files are named after their content: a step that is run again
 * writes the same file or another one, never over one that somebody refers to.
 */
export class LargeValues {
  readonly #files: FileStorage;

  constructor(files: FileStorage) {
    this.#files = files;
  }

  /** What to store for a value. Resolves once a large one is kept. @throws HeddleError unavailable */
  async store(owner: ValueOwner, value: Json): Promise<Json> {
    if (fitsInto(MAX_INLINE_BYTES, value)) return toStoredInline(value);
    const bytes = Buffer.from(JSON.stringify(value));
    const reference = toReference(bytes);
    await this.#files.put(valueKey(owner, reference.sha256), bytes);
    return toStoredReference(reference);
  }

  /** The value that was stored. @throws HeddleError unavailable, file_missing */
  async load(owner: ValueOwner, stored: Json): Promise<Json> {
    const reference = referenceOf(stored);
    if (!reference) return fromStoredInline(stored);
    const bytes = await this.read(owner, reference.sha256);
    if (!bytes) throw new HeddleError("file_missing", "A large value of this run is no longer in the file storage.");
    return JSON.parse(Buffer.from(bytes).toString()) as Json;
  }

  /** The JSON text of a large value, in bytes; undefined where the run has none of that name. @throws HeddleError unavailable */
  async read(owner: ValueOwner, sha256: string): Promise<Uint8Array | undefined> {
    return await this.#files.get(valueKey(owner, sha256));
  }
}

/** The reference to a value by its JSON text. */
export function toReference(json: Buffer): FileReference {
  const sha256 = createHash("sha256").update(json).digest("hex");
  // A character is four bytes at most, and one that is cut at the end is left out.
  const preview = json
    .toString("utf8", 0, PREVIEW_LENGTH * 4)
    .slice(0, PREVIEW_LENGTH)
    .toWellFormed();
  return { sha256, bytes: json.length, preview };
}

/** A step with each of its values replaced. */
export async function mapStepValues(step: StepRecord, map: (value: Json) => Promise<Json>): Promise<StepRecord> {
  const { output, state } = step;
  return {
    ...step,
    ...(output === undefined ? {} : { output: await map(output) }),
    ...(state === undefined ? {} : { state: await Promise.all(state.map(async ({ name, value }) => ({ name, value: await map(value) }))) }),
  } as StepRecord;
}

/** A step that can be stored as it is, or in an envelope; undefined where one of its values is large. */
export function toInlineStep(step: StepRecord): StepRecord | undefined {
  const { output, state } = step;
  let stored = step;
  if (output !== undefined) {
    if (!fitsInto(MAX_INLINE_BYTES, output)) return undefined;
    const inline = toStoredInline(output);
    if (inline !== output) stored = { ...stored, output: inline } as StepRecord;
  }
  if (state !== undefined) {
    if (state.some(({ value }) => !fitsInto(MAX_INLINE_BYTES, value))) return undefined;
    stored = { ...stored, state: state.map(({ name, value }) => ({ name, value: toStoredInline(value) })) };
  }
  return stored;
}

/** Whether a stored step holds its values as they are. */
export function isPlainStep({ output, state }: StepRecord): boolean {
  return (output === undefined || isPlain(output)) && (state === undefined || state.every(({ value }) => isPlain(value)));
}

function isPlain(stored: Json): boolean {
  return referenceOf(stored) === undefined && fromStoredInline(stored) === stored;
}
