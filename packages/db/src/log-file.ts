import { constants, write, writeSync } from "node:fs";
import { type FileHandle, open, rename, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { crc32 } from "node:zlib";

/** Where a record lies. The next one begins with the next block. */
export interface LogPlace {
  /** Counts how often files were begun anew. */
  generation: number;
  /** Where it begins and ends in its file, bytes. */
  start: number;
  end: number;
}

/** A batch as it was put into a log file. */
export interface LogRecord extends LogPlace {
  /** A view of what it was read from. */
  payload: Buffer;
}

/** Generation (6 bytes), length of the payload and checksum of all but itself (4 each). */
const HEADER_BYTES = 14;
const CHECKSUM_AT = 10;
/** Records begin at multiples of it: the smallest write that a disk takes as it comes. */
export const BLOCK_BYTES = 4_096;
/** Of UTF-8, for one unit of a string. */
const MOST_BYTES_A_UNIT = 3;
/** A disk that answers sooner, ms, is waited for in place: to hand the write to another thread would take as long. */
const FAST_MS = 0.5;
/** How far one write counts in the mean of the latest. */
const MEAN_OVER = 8;

const writeInThread = promisify(write);

/** How many bytes a batch takes as a record, at most. */
export function mostRecordBytes(text: string): number {
  return toBlocks(HEADER_BYTES + text.length * MOST_BYTES_A_UNIT);
}

/** Rounds up to whole blocks. */
export function toBlocks(bytes: number): number {
  return Math.ceil(bytes / BLOCK_BYTES) * BLOCK_BYTES;
}

/** Makes a batch a record at the start of `room`, with nothing after it in its last block. @returns where it ends */
export function putLogRecord(room: Buffer, generation: number, text: string): number {
  const end = HEADER_BYTES + room.write(text, HEADER_BYTES);
  room.writeUIntBE(generation, 0, 6);
  room.writeUInt32BE(end - HEADER_BYTES, 6);
  room.writeUInt32BE(checksum(room, 0, end), CHECKSUM_AT);
  room.fill(0, end, toBlocks(end));
  return end;
}

/**
 * The records of one file's latest generation, in order. What follows them, half a record or the leftovers of an earlier
 * generation, does not count: nobody was told that it is on disk. Older versions put records close to each other.
 */
export function readLogRecords(bytes: Buffer): LogRecord[] {
  const first = recordAt(bytes, 0);
  const records: LogRecord[] = [];
  for (let next = first; next !== undefined && next.generation === first?.generation;) {
    records.push(next);
    next = recordAt(bytes, next.end) ?? recordAt(bytes, toBlocks(next.end));
  }
  return records;
}

function recordAt(bytes: Buffer, start: number): LogRecord | undefined {
  if (start + HEADER_BYTES > bytes.length) return undefined;
  const generation = bytes.readUIntBE(start, 6);
  const end = start + HEADER_BYTES + bytes.readUInt32BE(start + 6);
  if (generation === 0 || end > bytes.length || checksum(bytes, start, end) !== bytes.readUInt32BE(start + CHECKSUM_AT)) return undefined;
  return { generation, start, end, payload: bytes.subarray(start + HEADER_BYTES, end) };
}

function checksum(bytes: Buffer, start: number, end: number): number {
  return crc32(bytes.subarray(start + HEADER_BYTES, end), crc32(bytes.subarray(start, start + CHECKSUM_AT)));
}

/**
 * A file of fixed size whose writes are on disk once they are done. Its blocks are there from the start, so that a write
 * changes nothing but their contents: the disk has nothing else to note, and can't run full. What is written stays in
 * memory, too, from where it goes to the disk without being copied (`O_DIRECT`), wherever the file system can do that.
 */
export class LogFile {
  readonly #file: FileHandle;
  readonly #memory: Buffer;
  /** Mean time of the latest writes, ms. */
  #paceMs = FAST_MS * 2;

  private constructor(file: FileHandle, memory: Buffer) {
    this.#file = file;
    this.#memory = memory;
  }

  /**
   * Opens the file, of whole blocks, and makes it first where it is missing or of another size. Forgets what it holds.
   * `isDirect` false is for file systems that can do no other, which is otherwise found out.
   */
  static async open(path: string, size: number, { isDirect = true } = {}): Promise<LogFile> {
    const found = await stat(path).catch(() => undefined);
    if (found?.size !== size) await makeFile(path, size);
    // A block more than is needed: the file system says where in it memory may begin.
    const room = Buffer.alloc(size + BLOCK_BYTES);
    const direct = isDirect ? await openDirect(path, room) : undefined;
    const file = direct?.file ?? (await open(path, constants.O_RDWR | constants.O_DSYNC));
    const offset = direct?.offset ?? 0;
    return new LogFile(file, room.subarray(offset, offset + size));
  }

  /** Resolves to where the record ends, once it is on disk. */
  async append(generation: number, text: string, start: number): Promise<number> {
    const end = start + putLogRecord(this.#memory.subarray(start), generation, text);
    await this.#write(start, toBlocks(end));
    return end;
  }

  /** The payload of a record that was appended; a view, until the next generation comes. */
  payload({ start, end }: LogPlace): Buffer {
    return this.#memory.subarray(start + HEADER_BYTES, end);
  }

  async #write(start: number, end: number): Promise<void> {
    const begun = performance.now();
    for (let at = start; at < end;) {
      at +=
        this.#paceMs < FAST_MS
          ? writeSync(this.#file.fd, this.#memory, at, end - at, at)
          : (await writeInThread(this.#file.fd, this.#memory, at, end - at, at)).bytesWritten;
    }
    this.#paceMs += (performance.now() - begun - this.#paceMs) / MEAN_OVER;
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}

/**
 * Opens the file to be written past the cache, from memory that begins at an offset of `room`. Undefined where the file
 * system can't do that. JavaScript does not know at which address memory lies: it is tried, at all places that there are.
 */
async function openDirect(path: string, room: Buffer): Promise<{ file: FileHandle; offset: number } | undefined> {
  if (constants.O_DIRECT === undefined) return undefined;
  let file: FileHandle;
  try {
    file = await open(path, constants.O_RDWR | constants.O_DSYNC | constants.O_DIRECT);
  } catch (error) {
    if (isInvalid(error)) return undefined;
    throw error;
  }
  for (let offset = 0; offset < BLOCK_BYTES; offset += MEMORY_UNIT_BYTES) {
    try {
      writeSync(file.fd, room, offset, BLOCK_BYTES, 0);
      return { file, offset };
    } catch (error) {
      if (isInvalid(error)) continue;
      await file.close();
      throw error;
    }
  }
  await file.close();
  return undefined;
}

/** What a system hands out memory in multiples of. */
const MEMORY_UNIT_BYTES = 16;

function isInvalid(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === "EINVAL";
}

async function makeFile(path: string, size: number): Promise<void> {
  const partial = `${path}.partial`;
  const made = await open(partial, "w", 0o600);
  try {
    const zeros = Buffer.alloc(Math.min(size, 64 * 1024));
    for (let at = 0; at < size; at += zeros.length) await made.write(zeros, 0, Math.min(zeros.length, size - at), at);
    await made.sync();
  } finally {
    await made.close();
  }
  await rename(partial, path);
  const folder = await open(dirname(path), "r");
  await folder.sync().finally(() => folder.close());
}
