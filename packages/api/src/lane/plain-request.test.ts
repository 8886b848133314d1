import { createServer, type IncomingMessage } from "node:http";
import { duplexPair } from "node:stream";
import { array, assert, asyncProperty, constantFrom, oneof, record, string, tuple } from "fast-check";
import { describe, expect, it } from "vitest";
import { readPlainHead } from "./plain-request.ts";

const PLAIN = "POST /api/x HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";
const read = (text: string) => readPlainHead(Buffer.from(text, "latin1"), undefined);

interface Seen {
  method: string | undefined;
  url: string | undefined;
  headers: Record<string, unknown>;
  body: string;
}

/** What Node's own parser makes of the first request in these bytes; undefined where it refuses them or waits for more. */
async function askNode(bytes: Buffer): Promise<Seen | undefined> {
  const [near, far] = duplexPair();
  return await new Promise<Seen | undefined>((done) => {
    const server = createServer((incoming: IncomingMessage, outgoing) => {
      let body = "";
      incoming.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
      incoming.on("end", () => {
        outgoing.end();
        done({ method: incoming.method, url: incoming.url, headers: { ...incoming.headers }, body });
      });
    });
    server.on("clientError", () => done(undefined));
    server.emit("connection", far);
    far.on("close", () => done(undefined));
    near.on("error", () => done(undefined)).resume();
    near.end(bytes);
  });
}

describe("a head of the plainest form", () => {
  it("is read, and what follows it is not", () => {
    const head = read(`${PLAIN}POST /next`);
    expect(head).toMatchObject({ method: "POST", url: "/api/x", length: 2 });
    expect(head?.headers).toEqual({ host: "localhost", "content-type": "application/json", "content-length": "2" });
    expect(head?.bytes.toString()).toBe(PLAIN.slice(0, -2));
  });

  it("is the one before where the same bytes come again, and not where they go on otherwise", () => {
    const first = read(PLAIN);
    expect(readPlainHead(Buffer.from(`${PLAIN.slice(0, -2)}[]`), first)).toBe(first);
    expect(readPlainHead(Buffer.from(PLAIN.replace("api/x", "api/y")), first)?.url).toBe("/api/y");
    expect(readPlainHead(Buffer.from(PLAIN.slice(0, 40)), first)).toBeUndefined();
  });

  it("means the same to Node, whatever it is put together from", async () => {
    let accepted = 0;
    const name = oneof(
      { weight: 6, arbitrary: constantFrom("Accept", "x-a", "Authorization", "X-Forwarded-For", "Connection", "User-Agent") },
      { weight: 1, arbitrary: constantFrom("Transfer-Encoding", "Content-Length", "content-length ", "Host", "__proto__", "") },
      { weight: 1, arbitrary: string({ unit: "binary-ascii", maxLength: 5 }) },
    );
    const value = oneof(
      { weight: 4, arbitrary: constantFrom("a", " b\t", "c, d", "keep-alive", "chunked", "2", "", "  ") },
      { weight: 1, arbitrary: string({ unit: "binary", maxLength: 8 }) },
    );
    const request = record({
      line: oneof(
        { weight: 8, arbitrary: constantFrom("POST /api/x HTTP/1.1") },
        { weight: 1, arbitrary: constantFrom("POST  /a HTTP/1.1", "GET / HTTP/1.1", "POST /a HTTP/1.0", "POST /a?b HTTP/1.1", "POST http://a/ HTTP/1.1") },
      ),
      headers: array(tuple(name, constantFrom(": ", ":", " : "), value), { maxLength: 4 }),
      end: oneof({ weight: 12, arbitrary: constantFrom("\r\n") }, { weight: 1, arbitrary: constantFrom("\n", "\r", "\r\n ", "\r\r\n") }),
      body: string({ unit: "binary", maxLength: 12 }),
    }); // prettier-ignore
    await assert(
      asyncProperty(request, async ({ line, headers, end, body }) => {
        const content = Buffer.from(body);
        const lines = [line, "Host: h", ...headers.map((parts) => parts.join("")), `Content-Length: ${content.byteLength}`];
        const bytes = Buffer.concat([Buffer.from(`${lines.join(end)}\r\n\r\n`, "latin1"), content]);
        const head = readPlainHead(bytes, undefined);
        if (head === undefined) return;
        accepted++;
        expect(await askNode(bytes)).toEqual({ method: head.method, url: head.url, headers: head.headers, body: content.toString() });
      }),
      { numRuns: 2_000 },
    );
    // Else nothing was compared.
    expect(accepted).toBeGreaterThan(200);
  });
});

describe("left to Node's parser", () => {
  const other = (from: string, to: string): string => PLAIN.replace(from, to);
  it.each([
    ["another method", other("POST", "GET")],
    ["HTTP/1.0", other("HTTP/1.1", "HTTP/1.0")],
    ["a query", other("/api/x", "/api/x?a=1")],
    ["an encoded path", other("/api/x", "/api/%78")],
    ["a whole address", other("/api/x", "http://evil/api/x")],
    ["two spaces", other("POST ", "POST  ")],
    ["no host", other("Host: localhost\r\n", "")],
    ["an empty host", other("localhost", " ")],
    ["two hosts", other("Host: localhost", "Host: localhost\r\nhost: evil")],
    ["no length", other("Content-Length: 2\r\n", "")],
    ["two lengths", other("Content-Length: 2", "Content-Length: 2\r\nContent-Length: 2")],
    ["lengths in one line", other("Content-Length: 2", "Content-Length: 2, 2")],
    ["a signed length", other("Content-Length: 2", "Content-Length: +2")],
    ["a length in hexadecimal", other("Content-Length: 2", "Content-Length: 0x2")],
    ["a huge length", other("Content-Length: 2", "Content-Length: 18446744073709551618")],
    ["chunks", other("Content-Length: 2", "Content-Length: 2\r\nTransfer-Encoding: chunked")],
    ["chunks, in disguise", other("Content-Length: 2", "Content-Length: 2\r\nTransfer-Encoding:\u000bchunked")],
    ["an upgrade", other("Content-Length: 2", "Content-Length: 2\r\nUpgrade: websocket\r\nConnection: Upgrade")],
    ["an expectation", other("Content-Length: 2", "Content-Length: 2\r\nExpect: 100-continue")],
    ["the end of the connection", other("Content-Length: 2", "Content-Length: 2\r\nConnection: close")],
    ["a header in two lines", other("localhost", "local\r\n host")],
    ["a space before the colon", other("Content-Length:", "Content-Length :")],
    ["a line without a colon", other("Host: localhost", "Host: localhost\r\nnothing")],
    ["a bare line feed", other("\r\nContent-Type", "\nContent-Type")],
    ["a bare carriage return", other("localhost", "local\rhost")],
    ["NUL", other("localhost", "local\0host")],
    ["more than ASCII", other("localhost", "lo\u00e9")],
    ["a name that is a property of every object", other("Content-Type", "constructor")],
    ["a long head", other("localhost", "h".repeat(9_000))],
    ["a head that is not there yet", PLAIN.slice(0, 60)],
    ["nothing", ""],
    ["an empty line before it", `\r\n${PLAIN}`],
    ["TLS", "\u0016\u0003\u0001\u0002\u0000\u0001"],
  ])("%s", (_name, text) => {
    expect(read(text)).toBeUndefined();
  });
});
