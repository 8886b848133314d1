import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";

/** A listener on all addresses of this machine that counts whatever reaches it, and misbehaves by path. */
export interface Canary {
  port: number;
  /** Requests so far. */
  hits: IncomingMessage[];
  /** TCP connections so far, with a request or without. */
  connections: number;
  reset(): void;
  close(): Promise<void>;
}

/** Starts one on a free port, over IPv4 and IPv6. */
export async function startCanary(): Promise<Canary> {
  const server = createServer((request, response) => {
    canary.hits.push(request);
    (ROUTES[request.url ?? ""] ?? HERE)(request, response);
  });
  server.on("connection", () => canary.connections++);
  const canary: Canary = {
    port: 0,
    hits: [],
    connections: 0,
    reset: () => {
      canary.hits.length = 0;
      canary.connections = 0;
    },
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  await new Promise<void>((resolve) => server.listen({ port: 0, host: "::", ipv6Only: false }, resolve));
  canary.port = (server.address() as AddressInfo).port;
  return canary;
}

const HERE: RequestListener = (_request, response) => response.end("here");
/** Sends the client on; `PORT` stands for the canary's own. */
const redirect =
  (status: number, location: string): RequestListener =>
  (request, response) =>
    void response.writeHead(status, { location: location.replace("PORT", String(request.socket.localPort)) }).end();

const ROUTES: Record<string, RequestListener> = {
  "/echo": (request, response) => {
    response.setHeader("content-type", "application/json");
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () =>
      response.end(JSON.stringify({ method: request.method, headers: request.headers, body: Buffer.concat(chunks).toString() })),
    );
  },
  "/hang": () => {},
  "/slow-body": (_request, response) => void response.write("a"),
  "/large": (_request, response) => void response.end(Buffer.alloc(100_000)),
  "/endless": (_request, response) => {
    const more = (): void => {
      while (!response.destroyed && response.write(Buffer.alloc(16_384)));
      response.once("drain", more);
    };
    more();
  },
  "/bomb": (_request, response) => void response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(Buffer.alloc(50_000_000))),
  "/gzip": (_request, response) => void response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync("small again")),
  "/gzip-head": (_request, response) => void response.writeHead(200, { "content-encoding": "gzip" }).end(),
  "/not-gzip": (_request, response) => void response.writeHead(200, { "content-encoding": "gzip" }).end("plain"),
  "/cut": (_request, response) => {
    response.writeHead(200, { "content-length": "100" });
    response.write("only this");
    setTimeout(() => response.destroy(), 10);
  },
  "/loop": redirect(302, "/loop"),
  "/to-echo-303": redirect(303, "/echo"),
  "/to-echo-307": redirect(307, "/echo"),
  "/to-other-origin": redirect(307, "http://other.test:PORT/echo"),
  "/to-file": redirect(302, "file:///etc/passwd"),
  "/to-user": redirect(302, "http://user@127.0.0.1:PORT/"),
  "/to-loopback": redirect(302, "http://127.0.0.1:PORT/"),
  "/to-decimal": redirect(302, "http://2130706433:PORT/"),
  "/to-metadata": redirect(302, "http://169.254.169.254/latest/meta-data/"),
};
