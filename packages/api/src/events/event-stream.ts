import { HeddleError } from "@heddle/schema";
import { toProblemDocument } from "../http/problem.ts";

/** Comments keep proxies from closing a stream in which nothing happens. ms */
const KEEP_ALIVE_MS = 15_000;
/** Bytes that may wait for a reader; whoever tells the stream waits then. */
const MAX_BUFFERED_BYTES = 256 * 1024;
/** How long a reader may take nothing while something waits for it, ms. */
const MAX_STALL_MS = 15_000;
/** How long a browser waits before it connects again, ms. */
const RETRY_MS = 1_000;

/** One server-sent event. */
export interface StreamMessage {
  id: number | string;
  type: string;
  data: unknown;
}

/** A stream of server-sent events to one reader. It holds little: a reader that is slow is waited for, one that stalls is cut off. */
export class EventStream {
  readonly #encoder = new TextEncoder();
  readonly #body: ReadableStream<Uint8Array>;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #closers: (() => void)[] = [];
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  #onRoom = () => {};
  #hasSpoken = () => {};
  /** Resolves with true once there is a message, with false where it ends without one. */
  readonly begun: Promise<boolean>;

  constructor() {
    let resolve: (hasMessage: boolean) => void = () => {};
    this.begun = new Promise((done) => (resolve = done));
    this.#hasSpoken = () => resolve(true);
    this.#closers.push(() => resolve(false));
    this.#body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        pull: () => this.#onRoom(),
        cancel: () => this.#close(),
      },
      new ByteLengthQueuingStrategy({ highWaterMark: MAX_BUFFERED_BYTES }),
    );
    // The first bytes bring the headers through whatever gathers them.
    this.#write(`retry: ${RETRY_MS}\n\n`);
    this.#timer = setInterval(() => {
      if (this.#hasRoom()) this.#write(": still here\n\n");
    }, KEEP_ALIVE_MS);
  }

  response(headers: Record<string, string> = {}): Response {
    return new Response(this.#body, {
      headers: { "content-type": "text/event-stream", "cache-control": "no-cache, no-transform", "x-accel-buffering": "no", ...headers },
    });
  }

  /** @returns false where `ready` should be awaited before the next message */
  send({ id, type, data }: StreamMessage): boolean {
    this.#write(`id: ${id}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`);
    this.#hasSpoken();
    return this.#hasRoom();
  }

  /** Resolves once the reader has taken enough. Cuts off a reader that takes nothing. @throws HeddleError unavailable */
  async ready(): Promise<void> {
    if (this.#controller === undefined || this.#hasRoom()) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const isStalled = await new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(true), MAX_STALL_MS);
      this.#onRoom = () => resolve(false);
    });
    clearTimeout(timer);
    this.#onRoom = () => {};
    if (!isStalled) return;
    const error = new HeddleError("unavailable", "The reader of this stream takes nothing.");
    this.#controller?.error(error);
    this.#close();
    throw error;
  }

  /** Ends the stream. Why it was cut is told where the reader has to know: coming again would not help. */
  end(error?: unknown): void {
    const controller = this.#controller;
    if (controller === undefined) return;
    if (error instanceof HeddleError && error.status < 500) {
      this.#write(`event: problem\ndata: ${JSON.stringify(toProblemDocument(error))}\n\n`);
      this.#hasSpoken();
    }
    this.#close();
    controller.close();
  }

  /** Calls back once it is over, whoever ended it. */
  onClose(closer: () => void): void {
    if (this.#controller === undefined) closer();
    else this.#closers.push(closer);
  }

  #hasRoom(): boolean {
    return (this.#controller?.desiredSize ?? 0) > 0;
  }

  #write(text: string): void {
    this.#controller?.enqueue(this.#encoder.encode(text));
  }

  #close(): void {
    if (this.#controller === undefined) return;
    this.#controller = undefined;
    clearInterval(this.#timer);
    this.#onRoom();
    for (const closer of this.#closers.splice(0)) closer();
  }
}
