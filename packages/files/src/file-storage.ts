/** A stored file, as it is listed. */
export interface StoredFile {
  key: string;
  /** bytes */
  size: number;
  /** When it was last written. */
  modifiedAt: Date;
}

/**
 * Where values live that are too large for the database. Files are written whole and never in part: who reads a key sees
 * nothing, or all of what somebody put there. Every call throws HeddleError `unavailable` where the storage can't answer.
 */
export interface FileStorage {
  /** Resolves once the bytes are kept. What was there before is replaced. */
  put(key: string, bytes: Uint8Array): Promise<void>;
  /** Undefined where there is no such file. */
  get(key: string): Promise<Uint8Array | undefined>;
  /** Keys without a file are left out in silence, so that a deletion can be repeated. */
  delete(keys: readonly string[]): Promise<void>;
  /** All files below a folder (`values/2026-11/`; everything by default), in no order. Files may be deleted meanwhile. */
  list(folder?: string): AsyncIterable<StoredFile>;
  close(): Promise<void>;
}
