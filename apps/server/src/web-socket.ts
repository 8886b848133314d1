import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { connectEvents, EVENTS_PATH, refusalHeaders, toProblemDocument, type ApiContext, type EventSession } from "@heddle/api";
import { HeddleError } from "@heddle/schema";
import { WebSocketServer, type WebSocket } from "ws";

/** Clients only subscribe; nothing they say is long. */
const MAX_MESSAGE_BYTES = 4_096;
/** A connection that does not answer this often is gone, ms. */
const PING_EVERY_MS = 15_000;
/** Unsent bytes after which events wait for the reader. */
const MAX_BUFFERED_BYTES = 256 * 1024;
/** Unsent bytes, answers to the client's own messages among them, after which it is cut off. */
const MAX_UNREAD_BYTES = 2 * 1024 * 1024;
/** How long a reader may take nothing while something waits for it, ms. */
const MAX_STALL_MS = 15_000;

/** Accepts WebSocket connections at /api/ws. Returns what closes them all. */
export function serveWebSockets(server: Server, context: ApiContext): () => void {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES });
  const alive = new WeakSet<WebSocket>();

  const upgrade = async (request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> => {
    if (request.url?.split("?")[0] !== EVENTS_PATH) return refuse(socket, 404, "Not Found");
    const headers = new Headers(
      Object.entries(request.headers).flatMap(([name, value]) => (typeof value === "string" ? [[name, value] as [string, string]] : [])),
    );
    let connected: WebSocket | undefined;
    const connection: Parameters<typeof connectEvents>[2] = {
      send: (text) => {
        connected?.send(text);
        if (connected !== undefined && connected.bufferedAmount > MAX_UNREAD_BYTES) connected.terminate();
        return connected === undefined || connected.bufferedAmount < MAX_BUFFERED_BYTES;
      },
      ready: async () => {
        if (connected !== undefined) await drained(connected, socket);
      },
      close: (code, reason) => connected?.close(code, reason),
    };
    const session = await connectEvents(headers, context, connection, { incoming: request });
    if (!session) return refuse(socket, 401, "Unauthorized");
    socket.once("close", () => session.end());
    // It may have gone in the meantime.
    if (socket.destroyed) return session.end();
    sockets.handleUpgrade(request, socket, head, (opened) => {
      connected = opened;
      attach(opened, session);
    });
  };

  const attach = (socket: WebSocket, session: EventSession): void => {
    alive.add(socket);
    socket.on("pong", () => alive.add(socket));
    socket.on("message", (data, isBinary) => {
      if (isBinary) socket.close(1003, "Send text");
      else void session.receive(String(data));
    });
    socket.on("error", () => socket.terminate());
    socket.on("close", () => session.end());
  };

  server.on("upgrade", (request, socket, head) => {
    socket.on("error", () => socket.destroy());
    upgrade(request, socket, head).catch((error: unknown) => {
      const { status, title } = toProblemDocument(error);
      refuse(socket, status, title, refusalHeaders(error));
    });
  });
  const timer = setInterval(() => {
    for (const socket of sockets.clients) {
      if (!alive.delete(socket)) socket.terminate();
      else socket.ping();
    }
  }, PING_EVERY_MS);
  timer.unref();
  return () => {
    clearInterval(timer);
    for (const socket of sockets.clients) socket.close(1001, "Heddle is shutting down");
  };
}

/** Resolves once a reader has taken what was sent, and cuts off one that takes nothing. */
async function drained(connected: WebSocket, socket: Duplex): Promise<void> {
  if (connected.bufferedAmount < MAX_BUFFERED_BYTES) return;
  let timer: NodeJS.Timeout | undefined;
  let settle = (_isDrained: boolean) => {};
  const onDrain = () => settle(true);
  const onClose = () => settle(false);
  const isDrained = await new Promise<boolean>((resolve) => {
    settle = resolve;
    timer = setTimeout(() => resolve(false), MAX_STALL_MS);
    socket.once("drain", onDrain).once("close", onClose);
  });
  clearTimeout(timer);
  socket.off("drain", onDrain).off("close", onClose);
  if (isDrained) return;
  connected.terminate();
  throw new HeddleError("unavailable", "The reader of this connection takes nothing.");
}

function refuse(socket: Duplex, status: number, reason: string, headers: Record<string, string> = {}): void {
  const lines = Object.entries({ connection: "close", "content-length": "0", ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${reason}\r\n${lines.join("")}\r\n`);
}
