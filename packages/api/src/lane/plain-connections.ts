import { type Server, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import type { ExecuteLane, LaneAnswer, LaneCall, LaneTarget } from "./execute-lane.ts";
import { type PlainHead, readPlainHead } from "./plain-request.ts";

export interface PlainConnections {
  /** Ends connections as soon as nothing is being answered on them. */
  drain(): void;
  /** Cuts those that are left. */
  close(): void;
}

/**
 * Puts the lane before Node's own HTTP: a connection is read here for as long as it brings calls of the lane in their
 * plainest form, without the objects and streams of node:http, which cost as much as a small run. With the first request
 * that is anything else, the connection and what was not answered of it go to the server, and stay there.
 */
export function servePlainConnections(server: Server, lane: ExecuteLane): PlainConnections {
  const listeners = server.listeners("connection") as ((this: Server, socket: Socket) => void)[];
  const open = new Set<PlainConnection>();
  server.removeAllListeners("connection");
  server.on("connection", (socket) => {
    const connection = new PlainConnection({
      socket,
      lane,
      headMs: server.headersTimeout,
      idleMs: server.keepAliveTimeout,
      passOn: (unread) => {
        for (const listener of listeners) listener.call(server, socket);
        socket.unshift(unread);
      },
      onLeft: () => open.delete(connection),
    });
    open.add(connection);
  });
  return {
    drain: () => {
      for (const connection of open) connection.drain();
    },
    close: () => {
      for (const connection of open) connection.close();
    },
  };
}

interface PlainConnectionOptions {
  socket: Socket;
  lane: ExecuteLane;
  /** How long the first request may keep us waiting, and how long the next ones may, ms. */
  headMs: number;
  idleMs: number;
  /** Takes the connection from here on, with what was read and not answered. */
  passOn: (unread: Buffer) => void;
  /** It has ended, or was passed on. */
  onLeft: () => void;
}

/** One connection, which answers one call after the other. */
class PlainConnection {
  readonly #options: PlainConnectionOptions;
  readonly #socket: Socket;
  readonly #lane: ExecuteLane;
  #state: "idle" | "answering" | "sending" = "idle";
  /** What came and was not looked at. */
  #unread: Buffer | undefined;
  /** Of the latest request, and what it wants. */
  #head: PlainHead | undefined;
  #target: LaneTarget | undefined;
  /** Whether a head is there whose body is not; many clients send them apart. */
  #isHalf = false;
  #hasAnswered = false;
  /** Whether it ends once all that came has been answered. */
  #isEnding = false;

  constructor(options: PlainConnectionOptions) {
    this.#options = options;
    this.#socket = options.socket;
    this.#lane = options.lane;
    this.#socket.setNoDelay(true).setTimeout(options.headMs);
    this.#socket.on("data", this.#onData).on("end", this.#onEnd).on("timeout", this.#onTimeout);
    this.#socket.on("error", this.#onError).on("close", this.#onClose);
  }

  /** Reads no more, and ends the connection after the last answer. */
  drain(): void {
    this.#isEnding = true;
    if (this.#isHalf) this.#passOn();
    else if (this.#state === "idle") this.#socket.destroySoon();
  }

  close(): void {
    this.#socket.destroy();
  }

  readonly #onData = (bytes: Buffer): void => {
    this.#unread = this.#unread === undefined ? bytes : Buffer.concat([this.#unread, bytes]);
    if (this.#state === "idle") this.#next();
    // Who sends more before the answer waits: one piece is all that is kept.
    else this.#socket.pause();
  };
  readonly #onEnd = (): void => this.drain();
  readonly #onTimeout = (): void => {
    if (this.#isHalf) this.#passOn();
    else if (this.#state !== "answering") this.close();
  };
  /** Connections break; "close" follows, and a run that was asked for goes on. */
  readonly #onError = (): void => undefined;
  readonly #onClose = (): void => this.#options.onLeft();

  #next(): void {
    const bytes = this.#unread;
    if (bytes === undefined) return;
    const head = readPlainHead(bytes, this.#head);
    if (head === undefined) return this.#passOn();
    if (head !== this.#head) {
      this.#head = head;
      this.#target = this.#lane.aim({ method: head.method, url: head.url, headers: head.headers, socket: this.#socket });
    }
    const target = this.#target;
    const isWhole = bytes.byteLength >= head.bytes.byteLength + head.length;
    // A body that is not there with the piece after its head is Node's to wait for.
    if (target === undefined || (!isWhole && this.#isHalf)) return this.#passOn();
    this.#isHalf = !isWhole;
    if (!isWhole) return;
    this.#state = "answering";
    const call = this.#lane.recognize(target);
    if (call !== undefined) this.#answer(call, head, bytes);
    else
      this.#lane.inquire(target).then(
        (found) => (found === undefined ? this.#passOn() : this.#answer(found, head, this.#unread ?? bytes)),
        // Whatever it is, the long way meets it again, and tells it.
        () => this.#passOn(),
      );
  }

  #answer(call: LaneCall, head: PlainHead, bytes: Buffer): void {
    const start = head.bytes.byteLength;
    const end = start + head.length;
    this.#unread = end < bytes.byteLength ? bytes.subarray(end) : undefined;
    void this.#lane.answer(call, bytes.toString("utf8", start, end)).then(this.#send);
  }

  readonly #send = ({ status, headers, body }: LaneAnswer): void => {
    const socket = this.#socket;
    if (socket.destroyed) return;
    let text = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\n`;
    for (let index = 0; index < headers.length; index += 2) text += `${headers[index]}: ${headers[index + 1]}\r\n`;
    text += `date: ${dateNow()}\r\n`;
    if (this.#isLast()) {
      socket.write(`${text}connection: close\r\n\r\n${body}`);
      return socket.destroySoon();
    }
    if (!this.#hasAnswered) socket.setTimeout(this.#options.idleMs);
    this.#hasAnswered = true;
    this.#state = "sending";
    text += `connection: keep-alive\r\nkeep-alive: timeout=${Math.floor(this.#options.idleMs / 1_000)}\r\n\r\n${body}`;
    if (socket.write(text)) this.#sent();
    else socket.once("drain", this.#sent);
  };

  readonly #sent = (): void => {
    this.#state = "idle";
    if (this.#isLast()) return this.#socket.destroySoon();
    if (!this.#isEnding && this.#socket.isPaused()) this.#socket.resume();
    this.#next();
  };

  #isLast(): boolean {
    return this.#isEnding && this.#unread === undefined;
  }

  #passOn(): void {
    const socket = this.#socket;
    this.#isHalf = false;
    socket.off("data", this.#onData).off("end", this.#onEnd).off("timeout", this.#onTimeout);
    socket.off("error", this.#onError).off("close", this.#onClose);
    socket.setTimeout(0);
    this.#options.onLeft();
    if (socket.destroyed || this.#unread === undefined) return;
    // Nothing can be given back to a stream that has ended, and Node's server answers nobody who has hung up.
    if (socket.readableEnded) return socket.destroySoon();
    this.#options.passOn(this.#unread);
    socket.resume();
  }
}

let date = "";

/** The time as HTTP tells it, made once a second. */
function dateNow(): string {
  if (date === "") {
    date = new Date().toUTCString();
    setTimeout(() => (date = ""), 1_000 - (Date.now() % 1_000)).unref();
  }
  return date;
}
