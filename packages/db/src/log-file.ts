import { constants, write, writeSync } from "node:fs";
import { type FileHandle, open, rename, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { crc32 } from "node:zlib";

/** A batch as it was put into a log file. */
export interface LogRecord {
  /** Counts how often files were begun anew. */
  generation: number;
  /** Where it ends in its file, bytes. */
  end: number;
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

/** A batch with room for its header, which {@link stamp} fills. */
export function toLogRecord(text: string): Buffer {
  const record = Buffer.allocUnsafe(HEADER_BYTES + Buffer.byteLength(text));
  record.writeUInt32BE(record.length - HEADER_BYTES, 6);
  record.write(text, HEADER_BYTES);
  return record;
}

/** Makes a record one of a generation. */
export function stamp(record: Buffer, generation: number): void {
  record.writeUIntBE(generation, 0, 6);
  record.writeUInt32BE(checksum(record), CHECKSUM_AT);
}

export function payloadOf(record: Buffer): Buffer {
  return record.subarray(HEADER_BYTES);
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
    records.push({ generation, end, payload: payloadOf(bytes.subarray(at, end)) });
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

  read(): Promise<Buffer> {
    return this.#file.readFile();
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
    await made.writeFile(Buffer.alloc(size));
    await made.sync();
  } finally {
    await made.close();
  }
  await rename(partial, path);
  const folder = await open(dirname(path), "r");
  await folder.sync().finally(() => folder.close());
}
