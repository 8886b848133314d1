import { constants, write, writeSync } from "node:fs";
import { type FileHandle, open, rename, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { crc32 } from "node:zlib";

/** Where a record lies. */
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
/** A disk that answers sooner, ms, is waited for in place: to hand the write to another thread would take as long. */
const FAST_MS = 0.5;
/** How far one write counts in the mean of the latest. */
const MEAN_OVER = 8;

const writeInThread = promisify(write);

/** How many bytes a batch takes as a record. */
export function recordSize(text: string): number {
  return HEADER_BYTES + Buffer.byteLength(text);
}

/** Makes a batch a record, in `room` where that is large enough: a busy log shall leave no garbage. */
export function toLogRecord(generation: number, text: string, room?: Buffer): Buffer {
  const size = recordSize(text);
  const record = room !== undefined && size <= room.length ? room.subarray(0, size) : Buffer.allocUnsafe(size);
  record.writeUIntBE(generation, 0, 6);
  record.writeUInt32BE(size - HEADER_BYTES, 6);
  record.write(text, HEADER_BYTES);
  record.writeUInt32BE(checksum(record), CHECKSUM_AT);
  return record;
}

/**
 * The records of one file's latest generation, in order. What follows them, half a record or the leftovers of an earlier
 * generation, does not count: nobody was told that it is on disk.
 */
export function readLogRecords(bytes: Buffer): LogRecord[] {
  const records: LogRecord[] = [];
  for (let at = 0; at + HEADER_BYTES <= bytes.length;) {
    const generation = bytes.readUIntBE(at, 6);
    const end = at + HEADER_BYTES + bytes.readUInt32BE(at + 6);
    const isWhole = generation > 0 && end <= bytes.length && checksum(bytes.subarray(at, end)) === bytes.readUInt32BE(at + CHECKSUM_AT);
    if (!isWhole || generation !== (records[0]?.generation ?? generation)) break;
    records.push({ generation, start: at, end, payload: bytes.subarray(at + HEADER_BYTES, end) });
    at = end;
  }
  return records;
}

function checksum(record: Buffer): number {
  return crc32(record.subarray(HEADER_BYTES), crc32(record.subarray(0, CHECKSUM_AT)));
}

/**
 * A file of fixed size whose writes are on disk once they are done. Its blocks are there from the start, so that a write
 * changes nothing but their contents: the disk has nothing else to note, and can't run full.
 */
export class LogFile {
  readonly #file: FileHandle;
  /** Mean time of the latest writes, ms. */
  #paceMs = FAST_MS * 2;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  /** Opens the file, and makes it first where it is missing or of another size. */
  static async open(path: string, size: number): Promise<LogFile> {
    const found = await stat(path).catch(() => undefined);
    if (found?.size !== size) await makeFile(path, size);
    return new LogFile(await open(path, constants.O_RDWR | constants.O_DSYNC));
  }

  /** Fills the bytes from a place in the file. */
  async read(bytes: Buffer, from: number): Promise<Buffer> {
    for (let done = 0; done < bytes.length;) {
      const { bytesRead } = await this.#file.read(bytes, done, bytes.length - done, from + done);
      if (bytesRead === 0) throw new Error("The log's file is shorter than it was made.");
      done += bytesRead;
    }
    return bytes;
  }

  /** Resolves once the bytes are on disk. */
  async write(bytes: Buffer, at: number): Promise<void> {
    const begun = performance.now();
    for (let done = 0; done < bytes.length;) {
      done +=
        this.#paceMs < FAST_MS
          ? writeSync(this.#file.fd, bytes, done, bytes.length - done, at + done)
          : (await writeInThread(this.#file.fd, bytes, done, bytes.length - done, at + done)).bytesWritten;
    }
    this.#paceMs += (performance.now() - begun - this.#paceMs) / MEAN_OVER;
  }

  close(): Promise<void> {
    return this.#file.close();
  }
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
