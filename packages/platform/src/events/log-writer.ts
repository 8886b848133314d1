import type { EventLog, LogEntry } from "./event-log.ts";
import type { ExecutionEvent } from "./execution-event.ts";

/** How long events gather before they are kept, ms: at most twenty texts a second of a step that writes. */
const GATHER_MS = 50;
const MAX_BATCH = 500;
/** How long after a failure it is tried again, ms, and how many events wait meanwhile; the oldest of more are lost to others. */
const RETRY_AFTER_MS = 1_000;
const MAX_WAITING = 20_000;

/** Brings the events of this process's runs to the log, in batches and in order. Nobody waits for it but who asks to. */
export class LogWriter {
  readonly #log: EventLog;
  readonly #onFault: (fault: unknown) => void;
  #waiting: LogEntry[] = [];
  /** The newest waiting entry of each run, into which a text that follows may go. */
  readonly #newest = new Map<string, LogEntry>();
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> | undefined;
  #isFailing = false;

  constructor(log: EventLog, onFault: (fault: unknown) => void) {
    this.#log = log;
    this.#onFault = onFault;
  }

  add(event: ExecutionEvent): void {
    const newest = this.#newest.get(event.executionId);
    if (newest !== undefined && appendText(newest, event)) return;
    const entry: LogEntry = { ...event };
    this.#waiting.push(entry);
    this.#newest.set(event.executionId, entry);
    this.#timer ??= setTimeout(() => this.#begin(), GATHER_MS).unref();
  }

  /** Resolves once what was added so far has been kept, or could not be. */
  async flush(): Promise<void> {
    await this.#writing;
    if (this.#waiting.length > 0) await this.#begin();
  }

  #begin(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined;
      if (this.#waiting.length > 0) this.#timer ??= setTimeout(() => this.#begin(), this.#isFailing ? RETRY_AFTER_MS : GATHER_MS).unref();
    });
    return this.#writing;
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, MAX_BATCH);
      this.#newest.clear();
      try {
        await this.#log.keep(batch);
        this.#isFailing = false;
      } catch (fault) {
        if (!this.#isFailing) this.#onFault(fault);
        this.#isFailing = true;
        this.#waiting = [...batch, ...this.#waiting].slice(-MAX_WAITING);
        return;
      }
    }
  }
}

/** Puts a text behind the one it follows, where nothing lies between them. */
function appendText(entry: LogEntry, { id, event }: ExecutionEvent): boolean {
  const before = entry.event;
  if (before.type !== "step.delta" || event.type !== "step.delta" || before.key !== event.key || id !== entry.id + 1) return false;
  entry.parts ??= [[entry.id, before.text.length]];
  entry.event = { ...before, text: before.text + event.text };
  entry.parts.push([id, entry.event.text.length]);
  entry.id = id;
  return true;
}
