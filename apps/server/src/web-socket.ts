import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { connectEvents, EVENTS_PATH, refusalHeaders, toProblemDocument, type ApiContext, type EventSession } from "@heddle/api";
import { WebSocketServer, type WebSocket } from "ws";

/** Clients only subscribe; nothing they say is long. */
const MAX_MESSAGE_BYTES = 4_096;
/** A connection that does not answer this often is gone, ms. */
const PING_EVERY_MS = 30_000;
/** Unsent bytes after which a reader is too slow to be worth waiting for. */
const MAX_BUFFERED_BYTES = 8 * 1024 * 1024;

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
    const waiting: string[] = [];
    const connection: Parameters<typeof connectEvents>[2] = {
      send: (text) => {
        if (!connected) waiting.push(text);
        else if (connected.bufferedAmount > MAX_BUFFERED_BYTES) connected.terminate();
        else connected.send(text);
      },
      close: (code, reason) => connected?.close(code, reason),
    };
    const session = await connectEvents(headers, context, connection, { incoming: request });
    if (!session) return refuse(socket, 401, "Unauthorized");
    sockets.handleUpgrade(request, socket, head, (opened) => {
      connected = opened;
      attach(opened, session);
      for (const text of waiting) opened.send(text);
    });
    socket.once("close", () => session.end());
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

function refuse(socket: Duplex, status: number, reason: string, headers: Record<string, string> = {}): void {
  const lines = Object.entries({ connection: "close", "content-length": "0", ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${reason}\r\n${lines.join("")}\r\n`);
}
