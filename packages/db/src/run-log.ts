import { constants } from "node:fs";
import { mkdir, open, readFile, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { reach } from "./checkpoint.ts";
import { LogFile, type LogPlace, mostRecordBytes, readLogRecords, toBlocks } from "./log-file.ts";

export interface RunLogOptions {
  /** Made where it is missing. */
  folder: string;
  /**
   * Puts batches where they belong, in one go; their bytes are there until it resolves. May be given a batch again that it
   * was given before. Rejects where that can't be done just now; what can't ever be done is its own affair.
   */
  land: (batches: Buffer[]) => Promise<void>;
  /** Told about what could not be written or landed yet. */
  onError: (error: unknown) => void;
  /** Of each of the two files, whole blocks; 4 MiB by default, which is half a second of short runs at full load. */
  fileBytes?: number;
}

/** For even generations and for odd ones. */
const FILES = ["even", "odd"] as const;
const FILE_BYTES = 4 * 2 ** 20;
/** How long batches may gather before they are landed, ms, where nobody waits for it. A hundred runs at once cost a third of what they cost by tens. */
const GATHER_MS = 25;
/** Landed in one go, at most; about two hundred short runs. */
const MOST_BYTES = 128 * 1024;
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
  #pending: LogPlace[] = [];
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
    const { folder, fileBytes = FILE_BYTES } = options;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const mark = await open(join(folder, "landed"), constants.O_RDWR | constants.O_CREAT, 0o600);
    const marked = readMark(await mark.readFile());
    let generation = marked.generation;
    for (const name of FILES) {
      const records = readLogRecords(await readIfThere(join(folder, name)));
      generation = Math.max(generation, records.at(-1)?.generation ?? 0);
      const isLeft = (place: LogPlace): boolean =>
        place.generation > marked.generation || (place.generation === marked.generation && place.end > marked.end);
      const left = records.filter(isLeft);
      while (left.length > 0) {
        const places = take(left);
        await options.land(left.splice(0, places.length).map(({ payload }) => payload));
      }
    }
    // From here on nothing is left in them, so that one of another size can be made anew.
    const files = [await LogFile.open(join(folder, FILES[0]), fileBytes), await LogFile.open(join(folder, FILES[1]), fileBytes)] as const;
    const log = new RunLog(options, files, mark, generation + 1);
    await log.#markLanded({ generation: generation + 1, end: 0 });
    return log;
  }

  /**
   * Resolves to true once the batch is on disk, and to false where the log can't take it: it is full of what has not
   * landed, or its disk fails. Whoever asked then writes it elsewhere.
   */
  append(text: string): Promise<boolean> {
    const appended = this.#appending.then(() => this.#append(text));
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

  async #append(text: string): Promise<boolean> {
    const most = mostRecordBytes(text);
    if (this.#isBroken || this.#isClosed || most > this.#fileBytes) return false;
    if (this.#end + most > this.#fileBytes) {
      // The other file may hold only what came before this one.
      if ((this.#pending[0]?.generation ?? this.#generation) < this.#generation) return false;
      this.#generation += 1;
      this.#end = 0;
    }
    const [generation, start] = [this.#generation, this.#end];
    try {
      const end = await this.#fileOf(generation).append(generation, text, start);
      this.#end = toBlocks(end);
      this.#pending.push({ generation, start, end });
    } catch (error) {
      // It can't be said what such a disk holds; it is asked again by the next process.
      this.#isBroken = true;
      this.#options.onError(error);
      return false;
    }
    if (!this.#isLanding) this.#landing = this.#land();
    return true;
  }

  #fileOf(generation: number): LogFile {
    return this.#files[generation % 2 === 0 ? 0 : 1];
  }

  async #land(): Promise<void> {
    this.#isLanding = true;
    while (this.#pending.length > 0) {
      let places = take(this.#pending);
      if (places.length === this.#pending.length && this.#waiting.length === 0 && !this.#isClosed) {
        await this.#pause(GATHER_MS);
        places = take(this.#pending);
      }
      try {
        await this.#options.land(places.map((place) => this.#fileOf(place.generation).payload(place)));
        reach("landed");
        this.#isFailing = false;
        this.#pending.splice(0, places.length);
        const last = places.at(-1) as LogPlace;
        await this.#markLanded(last);
        this.#resolveUpTo(last);
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

  #resolveUpTo({ generation, end }: LogPlace): void {
    const isReached = ({ last }: Waiting): boolean => last.generation < generation || (last.generation === generation && last.end <= end);
    const reached = this.#waiting.filter(isReached);
    this.#waiting = this.#waiting.filter((waiting) => !isReached(waiting));
    reached.forEach(({ resolve }) => resolve());
  }

  /** Outlives the process, and need not outlive the machine: what is landed twice is there once. */
  async #markLanded({ generation, end }: Pick<LogPlace, "generation" | "end">): Promise<void> {
    const bytes = Buffer.alloc(MARK_BYTES);
    bytes.writeUIntBE(generation, 0, 6);
    bytes.writeUInt32BE(end, 6);
    await this.#mark.write(bytes, 0, MARK_BYTES, 0);
  }
}

interface Waiting {
  /** Has to have landed. */
  last: LogPlace;
  resolve: () => void;
}

/** The oldest records, as many as are landed in one go. */
function take(places: readonly LogPlace[]): LogPlace[] {
  let bytes = 0;
  const count = places.findIndex(({ start, end }) => (bytes += end - start) > MOST_BYTES);
  return places.slice(0, count === -1 ? undefined : Math.max(1, count));
}

async function readIfThere(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return Buffer.alloc(0);
    throw error;
  }
}

function readMark(bytes: Buffer): Pick<LogPlace, "generation" | "end"> {
  if (bytes.length !== MARK_BYTES) return { generation: 0, end: 0 };
  return { generation: bytes.readUIntBE(0, 6), end: bytes.readUInt32BE(6) };
}
