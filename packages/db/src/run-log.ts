import { constants } from "node:fs";
import { mkdir, open, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { reach } from "./checkpoint.ts";
import { LogFile, type LogRecord, payloadOf, readLogRecords, stamp, toLogRecord } from "./log-file.ts";

export interface RunLogOptions {
  /** Made where it is missing. */
  folder: string;
  /**
   * Puts batches where they belong, in one go. May be given a batch again that it was given before. Rejects where that
   * can't be done just now; what can't ever be done is its own affair.
   */
  land: (batches: Buffer[]) => Promise<void>;
  /** Told about what could not be written or landed yet. */
  onError: (error: unknown) => void;
  /** Of each of the two files; 8 MiB by default, which is half a second of short runs at full load. */
  fileBytes?: number;
}

const FILE_BYTES = 8 * 2 ** 20;
/** How long batches may gather before they are landed, ms, where nobody waits for it. Landing 100 runs at once costs a third of landing them by tens. */
const GATHER_MS = 25;
/** Landed in one go, at most. */
const MOST_BYTES = 512 * 1024;
const RETRY_MS = 1_000;
/** Where the last landed record ends: its generation (6 bytes) and place (4). */
const MARK_BYTES = 10;

/**
 * Batches that count as written once they are in a file of this machine, and are landed in the database a moment later: a
 * write to a file takes a fifth of the time of a commit. Two files take turns; one is begun anew when all that it holds has
 * landed. What a process leaves behind is landed when the log is opened next.
 */
export class RunLog {
  readonly #options: RunLogOptions;
  readonly #files: readonly [LogFile, LogFile];
  readonly #mark: FileHandle;
  readonly #fileBytes: number;
  #generation: number;
  #end = 0;
  /** On disk here, and not known to have landed; oldest first. */
  #pending: LogRecord[] = [];
  #waiting: Waiting[] = [];
  #appending: Promise<unknown> = Promise.resolve();
  #isLanding = false;
  #landing: Promise<void> = Promise.resolve();
  /** The latest attempt to land something failed. */
  #isFailing = false;
  #isBroken = false;
  #isClosed = false;
  #closing: Promise<void> | undefined;
  #hurry: (() => void) | undefined;

  private constructor(options: RunLogOptions, files: readonly [LogFile, LogFile], mark: FileHandle, generation: number) {
    this.#options = options;
    this.#files = files;
    this.#mark = mark;
    this.#fileBytes = options.fileBytes ?? FILE_BYTES;
    this.#generation = generation;
  }

  /** Opens the log, once all that an earlier process left in it has landed. Rejects where that can't be done just now. */
  static async open(options: RunLogOptions): Promise<RunLog> {
    const { folder, land, fileBytes = FILE_BYTES } = options;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const openFile = (name: string): Promise<LogFile> => LogFile.open(join(folder, name), fileBytes);
    const files = [await openFile("even"), await openFile("odd")] as const;
    const mark = await open(join(folder, "landed"), constants.O_RDWR | constants.O_CREAT, 0o600);
    const marked = readMark(await mark.readFile());
    const records = (await Promise.all(files.map(async (file) => readLogRecords(await file.read())))).flat();
    const left = records
      .filter(({ generation, end }) => generation > marked.generation || (generation === marked.generation && end > marked.end))
      .toSorted((one, other) => one.generation - other.generation || one.end - other.end);
    for (let batches = take(left); batches.length > 0; batches = take(left)) {
      await land(batches.map(({ payload }) => payload));
      left.splice(0, batches.length);
    }
    const generation = Math.max(marked.generation, ...records.map((record) => record.generation)) + 1;
    const log = new RunLog(options, files, mark, generation);
    await log.#markLanded({ generation, end: 0 });
    return log;
  }

  /**
   * Resolves to true once the batch is on disk, and to false where the log can't take it: it is full of what has not
   * landed, or its disk fails. Whoever asked then writes it elsewhere.
   */
  append(text: string): Promise<boolean> {
    const appended = this.#appending.then(() => this.#append(toLogRecord(text)));
    this.#appending = appended;
    return appended;
  }

  /** Resolves once all that was appended so far has landed, or could not be just now. */
  async landed(): Promise<void> {
    const last = this.#pending.at(-1);
    if (last === undefined || !this.#isLanding) return;
    await new Promise<void>((resolve) => {
      this.#waiting.push({ last, resolve });
      this.#hurry?.();
    });
  }

  /** Lands what it can, and closes. The rest is landed when it is opened next. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#isClosed = true;
    await this.#appending;
    this.#hurry?.();
    await this.#landing;
    await Promise.all([this.#mark.close(), ...this.#files.map((file) => file.close())]);
  }

  async #append(record: Buffer): Promise<boolean> {
    if (this.#isBroken || this.#isClosed || record.length > this.#fileBytes) return false;
    if (this.#end + record.length > this.#fileBytes) {
      // The other file may hold only what came before this one.
      if ((this.#pending[0]?.generation ?? this.#generation) < this.#generation) return false;
      this.#generation += 1;
      this.#end = 0;
    }
    stamp(record, this.#generation);
    try {
      await this.#fileOf(this.#generation).write(record, this.#end);
    } catch (error) {
      // It can't be said what such a disk holds; it is asked again by the next process.
      this.#isBroken = true;
      this.#options.onError(error);
      return false;
    }
    this.#end += record.length;
    this.#pending.push({ generation: this.#generation, end: this.#end, payload: payloadOf(record) });
    if (!this.#isLanding) this.#landing = this.#land();
    return true;
  }

  #fileOf(generation: number): LogFile {
    return this.#files[generation % 2 === 0 ? 0 : 1];
  }

  async #land(): Promise<void> {
    this.#isLanding = true;
    while (this.#pending.length > 0) {
      if (this.#waiting.length === 0 && !this.#isClosed) await this.#pause(GATHER_MS);
      const batches = take(this.#pending);
      try {
        await this.#options.land(batches.map(({ payload }) => payload));
        reach("landed");
        this.#isFailing = false;
        this.#pending.splice(0, batches.length);
        await this.#markLanded(batches.at(-1) as LogRecord);
        this.#resolveUpTo(batches.at(-1) as LogRecord);
      } catch (error) {
        // Once is enough, however long it takes.
        if (!this.#isFailing) this.#options.onError(error);
        this.#isFailing = true;
        this.#waiting.splice(0).forEach(({ resolve }) => resolve());
        if (this.#isClosed) break;
        await this.#pause(RETRY_MS);
      }
    }
    this.#isLanding = false;
  }

  /** Waits, unless somebody comes who can't. */
  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#hurry = () => {
        clearTimeout(timer);
        this.#hurry = undefined;
        resolve();
      };
      const timer = setTimeout(this.#hurry, ms);
    });
  }

  #resolveUpTo({ generation, end }: LogRecord): void {
    const isReached = ({ last }: Waiting): boolean => last.generation < generation || (last.generation === generation && last.end <= end);
    const reached = this.#waiting.filter(isReached);
    this.#waiting = this.#waiting.filter((waiting) => !isReached(waiting));
    reached.forEach(({ resolve }) => resolve());
  }

  /** Outlives the process, and need not outlive the machine: what is landed twice is there once. */
  async #markLanded({ generation, end }: Omit<LogRecord, "payload">): Promise<void> {
    const bytes = Buffer.alloc(MARK_BYTES);
    bytes.writeUIntBE(generation, 0, 6);
    bytes.writeUInt32BE(end, 6);
    await this.#mark.write(bytes, 0, MARK_BYTES, 0);
  }
}

interface Waiting {
  /** Has to have landed. */
  last: LogRecord;
  resolve: () => void;
}

/** The oldest records, as many as are landed in one go. */
function take(records: readonly LogRecord[]): LogRecord[] {
  let bytes = 0;
  const taken: LogRecord[] = [];
  for (const record of records) {
    bytes += record.payload.length;
    if (taken.length > 0 && bytes > MOST_BYTES) break;
    taken.push(record);
  }
  return taken;
}

function readMark(bytes: Buffer | undefined): { generation: number; end: number } {
  if (bytes?.length !== MARK_BYTES) return { generation: 0, end: 0 };
  return { generation: bytes.readUIntBE(0, 6), end: bytes.readUInt32BE(6) };
}
