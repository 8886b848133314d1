import { createServer, type Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ExecuteLane, LaneAnswer, LaneCall, LaneTarget } from "./execute-lane.ts";
import { type PlainConnections, servePlainConnections } from "./plain-connections.ts";

let server: Server;
let plain: PlainConnections;
/** Calls under way, by their bodies. */
let calls: Map<string, (answer: LaneAnswer) => void>;
let known: Set<string>;
const sockets: Socket[] = [];

beforeEach(async () => {
  calls = new Map();
  known = new Set(["/lane"]);
  // What the lane does not take is told back by Node's own server.
  server = createServer((incoming, outgoing) => {
    let body = "";
    incoming.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
    const answer = () => outgoing.end(`node ${incoming.method} ${incoming.url} ${body}`);
    incoming.on("end", () => (incoming.url === "/slow" ? setTimeout(answer, 500) : answer()));
  });
  Object.assign(server, { headersTimeout: 300, keepAliveTimeout: 600, connectionsCheckingInterval: 50 });
  const recognize = (target: LaneTarget) => (known.has(target.path) ? ({ target } as LaneCall) : undefined);
  const lane: ExecuteLane = {
    aim: ({ url = "" }) => (url === "/aimless" ? undefined : ({ path: url } as LaneTarget)),
    recognize,
    inquire: async (target) => {
      await new Promise((done) => setTimeout(done, 50));
      if (target.path === "/broken") throw new Error("no database");
      if (target.path === "/learned") known.add("/learned");
      return recognize(target);
    },
    answer: (_call, text) => new Promise((done) => calls.set(text, done)),
    take: () => false,
  };
  plain = servePlainConnections(server, lane);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  plain.close();
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
});

interface Client {
  socket: Socket;
  received: () => string;
  closed: Promise<void>;
}

async function open(): Promise<Client> {
  const socket = connect({ port: (server.address() as AddressInfo).port, host: "127.0.0.1", allowHalfOpen: true });
  sockets.push(socket);
  let text = "";
  socket.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  socket.on("error", () => undefined);
  const closed = new Promise<void>((done) => socket.once("end", done).once("close", () => done()));
  await new Promise((done) => socket.once("connect", done));
  return { socket, received: () => text, closed };
}

const post = (body: string, path = "/lane", more = ""): string =>
  `POST ${path} HTTP/1.1\r\nHost: h\r\nContent-Length: ${Buffer.byteLength(body)}\r\n${more}\r\n${body}`;

async function finish(text: string, body = `got ${text}`): Promise<void> {
  await expect.poll(() => calls.has(text)).toBe(true);
  calls.get(text)?.({ status: 200, headers: ["content-length", String(Buffer.byteLength(body))], body });
  calls.delete(text);
}
const bodies = (text: string): string[] =>
  text
    .split(/(?=HTTP\/1\.1 )/)
    .filter((part) => part !== "")
    .map((part) => part.slice(part.indexOf("\r\n\r\n") + 4));

describe("a connection of plain calls", () => {
  it("is answered call by call, with what HTTP wants of an answer", async () => {
    const { socket, received } = await open();
    const answers: string[] = [];
    for (const text of ["one", "zwei ü", ""]) {
      socket.write(post(text));
      await finish(text);
      answers.push(`got ${text}`);
      await expect.poll(() => bodies(received())).toEqual(answers);
    }
    expect(received()).toMatch(
      /^HTTP\/1\.1 200 OK\r\ncontent-length: 7\r\ndate: \w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT\r\nconnection: keep-alive\r\n/,
    );
  });

  it("is answered in order, one at a time, where calls come before the answer", async () => {
    const { socket, received } = await open();
    socket.write(post("one") + post("two"));
    await expect.poll(() => calls.has("one")).toBe(true);
    socket.write(post("three").slice(0, 20));
    expect([...calls.keys()]).toEqual(["one"]);
    await finish("one");
    await finish("two");
    await expect.poll(() => bodies(received())).toEqual(["got one", "got two"]);
    await new Promise((done) => setTimeout(done, 50));
    // The third comes in two pieces, the second one late.
    socket.write(post("three").slice(20));
    await expect.poll(() => bodies(received())).toEqual(["got one", "got two", expect.stringContaining("node POST /lane three")]);
  });

  it("is answered where heads come before their bodies, as many clients send them", async () => {
    const { socket, received } = await open();
    for (const text of ["one", "two"]) {
      const bytes = post(text);
      socket.write(bytes.slice(0, -3));
      await new Promise((done) => setTimeout(done, 30));
      socket.write(bytes.slice(-3));
      await finish(text);
    }
    await expect.poll(() => bodies(received())).toEqual(["got one", "got two"]);
  });

  it("keeps little of what comes before the answer, and reads on after it", async () => {
    const accepted = new Promise<Socket>((done) => server.once("connection", done));
    const { socket, received } = await open();
    socket.write(post("one"));
    await expect.poll(() => calls.has("one")).toBe(true);
    socket.write(post("two"));
    await new Promise((done) => setTimeout(done, 20));
    await finish("one");
    await finish("two");
    socket.write(post("three"));
    await expect.poll(() => calls.has("three")).toBe(true);
    socket.write(post("x".repeat(20_000_000), "/other"));
    await new Promise((done) => setTimeout(done, 200));
    expect((await accepted).bytesRead).toBeLessThan(1_000_000);
    await finish("three");
    await expect.poll(() => received().length, { timeout: 5_000 }).toBeGreaterThan(20_000_000);
    expect(bodies(received()).slice(0, 3)).toEqual(["got one", "got two", "got three"]);
  });

  it("is not read on before its reader took the answer", async () => {
    const { socket } = await open();
    socket.pause();
    socket.write(post("much") + post("next"));
    await finish("much", "x".repeat(40_000_000));
    await new Promise((done) => setTimeout(done, 100));
    expect(calls.size).toBe(0);
    socket.resume();
    await expect.poll(() => calls.has("next"), { timeout: 5_000 }).toBe(true);
  });

  it("waits for a key to be looked up, and loses nothing that comes meanwhile", async () => {
    const { socket, received } = await open();
    socket.write(post("one", "/learned"));
    await new Promise((done) => setTimeout(done, 20));
    socket.write(post("two", "/learned"));
    await finish("one");
    await finish("two");
    await expect.poll(() => bodies(received())).toEqual(["got one", "got two"]);
  });
});

describe("a connection goes to Node's server", () => {
  it.each([
    ["another call", post("x", "/other"), "node POST /other x"],
    ["what is no call of the lane", post("x", "/aimless"), "node POST /aimless x"],
    ["a call that can't be looked up", post("x", "/broken"), "node POST /broken x"],
    ["chunks", "POST /lane HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n", "node POST /lane x"],
    ["what takes longer than a head may", "GET /slow HTTP/1.1\r\nHost: h\r\n\r\n", "node GET /slow "],
    ["a page", "GET / HTTP/1.1\r\nHost: h\r\n\r\n", "node GET / "],
  ])("with %s, and stays there", async (_name, bytes, answer) => {
    const { socket, received } = await open();
    socket.write(bytes);
    await expect.poll(received).toContain(answer);
    socket.write(post("y"));
    await expect.poll(received).toContain("node POST /lane y");
    expect(calls.size).toBe(0);
  });

  it("when a look-up found nothing, with all that came meanwhile, and is read on", async () => {
    const { socket, received } = await open();
    socket.write(post("one", "/other"));
    await new Promise((done) => setTimeout(done, 20));
    socket.write(post("two", "/other"));
    await expect.poll(received).toContain("node POST /other two");
    socket.write(post("three"));
    await expect.poll(received).toMatch(/other one[^]*other two[^]*lane three/);
  });

  it("in the middle of what was sent at once, without a byte too many or too few", async () => {
    const { socket, received } = await open();
    socket.write(`${post("one")}GET /page HTTP/1.1\r\nHost: h\r\n\r\n${post("two")}`);
    await finish("one");
    await expect.poll(received).toContain("node POST /lane two");
    expect(received()).toMatch(/got one[^]*node GET \/page [^]*node POST \/lane two/);
  });

  it("with a body that comes in pieces", async () => {
    const { socket, received } = await open();
    const bytes = post("x".repeat(200_000));
    for (let at = 0; at < bytes.length; at += 50_000) {
      socket.write(bytes.slice(at, at + 50_000));
      await new Promise((done) => setTimeout(done, 5));
    }
    await expect.poll(received).toContain(`node POST /lane ${"x".repeat(200_000)}`);
  });

  it("with a body that comes byte by byte, or late", async () => {
    const slow = await open();
    const late = await open();
    const bytes = post("one");
    slow.socket.write(bytes.slice(0, -3));
    late.socket.write(bytes.slice(0, -3));
    for (const byte of bytes.slice(-3)) {
      await new Promise((done) => setTimeout(done, 30));
      slow.socket.write(byte);
    }
    await new Promise((done) => setTimeout(done, 700));
    late.socket.write(bytes.slice(-3));
    await expect.poll(slow.received).toContain("node POST /lane one");
    await expect.poll(late.received).toContain("node POST /lane one");
  });

  it("when the server stops before a body is there", async () => {
    const { socket, received } = await open();
    socket.write(post("one").slice(0, -3));
    await new Promise((done) => setTimeout(done, 30));
    plain.drain();
    socket.write("one");
    await expect.poll(received).toContain("node POST /lane one");
  });

  it("with what is no HTTP, and is refused there", async () => {
    const { socket, received, closed } = await open();
    socket.write("hello\r\n\r\n");
    await closed;
    expect(received()).toMatch(/^HTTP\/1\.1 400 /);
  });
});

describe("a connection ends", () => {
  it("when it says nothing at first, and when it says nothing more", async () => {
    const silent = await open();
    const idle = await open();
    idle.socket.write(post("one"));
    await finish("one");
    await silent.closed;
    await idle.closed;
    expect(bodies(idle.received())).toEqual(["got one"]);
  });

  it("not while a call takes its time, however long", async () => {
    const { socket, received } = await open();
    socket.write(post("slow"));
    await new Promise((done) => setTimeout(done, 900));
    await finish("slow");
    await expect.poll(received).toContain("got slow");
  });

  it("when its reader takes nothing", async () => {
    const { socket } = await open();
    socket.pause();
    socket.write(post("much"));
    await finish("much", "x".repeat(40_000_000));
    await expect.poll(() => new Promise((done) => server.getConnections((_error, count) => done(count))), { timeout: 5_000 }).toBe(0);
  });

  it("with its answer, where the caller has said all", async () => {
    const { socket, received, closed } = await open();
    socket.end(post("last"));
    await finish("last");
    await closed;
    expect(received()).toContain("connection: close\r\n\r\ngot last");
  });

  it("after all calls that came before its end", async () => {
    const { socket, received, closed } = await open();
    socket.end(post("one") + post("two") + post("three", "/other"));
    await finish("one");
    await finish("two");
    await closed;
    expect(bodies(received())).toEqual(["got one", "got two"]);
  });

  it("at once when the server stops and nothing is asked, else with the answer", async () => {
    const idle = await open();
    const busy = await open();
    idle.socket.write(post("before"));
    await finish("before");
    await expect.poll(idle.received).toContain("got before");
    busy.socket.write(post("during"));
    await expect.poll(() => calls.has("during")).toBe(true);
    plain.drain();
    await idle.closed;
    await finish("during");
    await busy.closed;
    expect(busy.received()).toContain("connection: close\r\n\r\ngot during");
  });

  it("without harm where the caller has gone before the answer", async () => {
    const { socket } = await open();
    socket.write(post("gone"));
    await expect.poll(() => calls.has("gone")).toBe(true);
    socket.resetAndDestroy();
    await expect.poll(() => new Promise((done) => server.getConnections((_error, count) => done(count)))).toBe(0);
    await finish("gone");
  });
});
