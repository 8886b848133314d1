import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { HeddleError } from "@heddle/schema";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { createEgress, type Egress, type EgressOptions } from "./create-egress.ts";

/** Counts everything that reaches this machine, and answers by path. */
let canary: Server;
let port: number;
const hits: IncomingMessage[] = [];
let connections = 0;
const routes: Record<string, RequestListener> = {
  "/": (_request, response) => response.end("here"),
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
  "/loop": (_request, response) => void response.writeHead(302, { location: "/loop" }).end(),
  "/to-echo-303": (_request, response) => void response.writeHead(303, { location: "/echo" }).end(),
  "/to-echo-307": (_request, response) => void response.writeHead(307, { location: "/echo" }).end(),
  "/to-other-origin": (_request, response) => void response.writeHead(307, { location: `http://other.test:${port}/echo` }).end(),
  "/to-file": (_request, response) => void response.writeHead(302, { location: "file:///etc/passwd" }).end(),
  "/to-user": (_request, response) => void response.writeHead(302, { location: `http://user@127.0.0.1:${port}/` }).end(),
  "/to-loopback": (_request, response) => void response.writeHead(302, { location: `http://127.0.0.1:${port}/` }).end(),
  "/to-decimal": (_request, response) => void response.writeHead(302, { location: `http://2130706433:${port}/` }).end(),
  "/to-metadata": (_request, response) => void response.writeHead(302, { location: "http://169.254.169.254/latest/meta-data/" }).end(),
};

beforeAll(async () => {
  canary = createServer((request, response) => {
    hits.push(request);
    (routes[request.url ?? ""] ?? routes["/"])?.(request, response);
  });
  canary.on("connection", () => connections++);
  await new Promise<void>((resolve) => canary.listen({ port: 0, host: "::", ipv6Only: false }, resolve));
  port = (canary.address() as AddressInfo).port;
});
afterAll(() => {
  canary.closeAllConnections();
  canary.close();
});

const open: Egress[] = [];
function egress(options?: EgressOptions): Egress {
  const created = createEgress(options);
  open.push(created);
  return created;
}
afterEach(async () => {
  hits.length = 0;
  connections = 0;
  await Promise.all(open.splice(0).map((each) => each.close()));
});

async function failure(action: Promise<unknown>): Promise<HeddleError> {
  const error: unknown = await action.then(
    () => new Error("did not fail"),
    (reason: unknown) => reason,
  );
  if (!(error instanceof HeddleError)) throw error;
  return error;
}

/** Spellings of this machine, of private networks and of metadata services, as published bypasses used them. */
const FORBIDDEN = [
  "127.0.0.1",
  "127.1",
  "127.255.255.254",
  "0.0.0.0",
  "0",
  "localhost",
  "LOCALHOST",
  "localhost.",
  "127.0.0.1.",
  "2130706433",
  "0x7f000001",
  "0x7f.1",
  "0177.0.0.1",
  "017700000001",
  "0x7f.0x0.0x0.0x1",
  "%31%32%37.0.0.1",
  "①②⑦.⓪.⓪.①",
  "127。0。0。1",
  "[::1]",
  "[::]",
  "[0:0:0:0:0:0:0:1]",
  "[::ffff:127.0.0.1]",
  "[::ffff:7f00:1]",
  "[::ffff:0:127.0.0.1]",
  "[::7f00:1]",
  "[::127.0.0.1]",
  "[64:ff9b::7f00:1]",
  "[64:ff9b:1::7f00:1]",
  "[2002:7f00:1::]",
  "[2001:0:7f00:1::]",
  "[2001:0:0:0:0:0:80ff:fffe]",
  "[fe80::1]",
  "[fc00::1]",
  "[fd00:ec2::254]",
  "[fec0::1]",
  "[ff02::1]",
  "[100::1]",
  "[2001:db8::1]",
  "[5f00::1]",
  "10.0.0.1",
  "172.16.0.1",
  "192.168.1.1",
  "169.254.169.254",
  "100.64.0.1",
  "100.100.100.200",
  "192.0.0.192",
  "168.63.129.16",
  "198.18.0.1",
  "224.0.0.1",
  "240.0.0.1",
  "255.255.255.255",
  "192.0.2.1",
];
const FORBIDDEN_URLS = [
  ...FORBIDDEN.map((host) => (port: number) => `http://${host}:${port}/`),
  (port: number) => `http://example.com\\@127.0.0.1:${port}/`,
  (port: number) => `http://127.0.0.1:${port}\\@example.com/`,
  (port: number) => `http:\\\\127.0.0.1:${port}/`,
  (port: number) => `http://example.com@127.0.0.1:${port}/`,
  (port: number) => `http://user:secret@127.0.0.1:${port}/`,
  (port: number) => `http:127.0.0.1:${port}/`,
  (port: number) => `http:/127.0.0.1:${port}/`,
  (port: number) => `http:///127.0.0.1:${port}/`,
  (port: number) => `http://127.0.0.1:${port}#@example.com/`,
  (port: number) => `http://127.0.0.1:${port}?@example.com/`,
  (port: number) => ` http://127.0.0.1:${port}/`,
  (port: number) => `ht\ntp://127.0.0.1:${port}/`,
  (port: number) => `http://127.0.0.1:${port}/\r\nx: y`,
  (port: number) => `//127.0.0.1:${port}/`,
  (port: number) => `https://127.0.0.1:${port}/`,
  () => "file:///etc/passwd",
  () => "ftp://127.0.0.1/",
  () => "gopher://127.0.0.1/",
  () => "data:text/plain,hello",
  () => "javascript:alert(1)",
  () => "/relative",
  () => "",
];

describe("addresses that a run may not call", () => {
  test.each(FORBIDDEN_URLS.map((make) => [make(1234), make] as const))("%s is refused before a connection is made", async (_name, make) => {
    const { http, fetch } = egress();
    expect((await failure(http.request({ method: "GET", url: make(port) }))).code).toBe("http_blocked");
    expect((await failure(fetch(make(port)))).code).toBe("http_blocked");
    expect({ hits: hits.length, connections }).toEqual({ hits: 0, connections: 0 });
  });

  test("a name that resolves to any forbidden address is refused, even beside a public one", async () => {
    const { http } = egress({
      resolve: async () => [
        { address: "93.184.216.34", family: 4 },
        { address: "127.0.0.1", family: 4 },
      ],
    });
    const error = await failure(http.request({ method: "GET", url: `http://mixed.test:${port}/` }));
    expect(error.code).toBe("http_blocked");
    expect(error.message).toContain("this machine itself");
    expect({ hits: hits.length, connections }).toEqual({ hits: 0, connections: 0 });
  });

  test("a name that alternates between answers never gets through", async () => {
    let lookups = 0;
    // TEST-NET-like public addresses would leave the machine, so the good answer is an allowed loopback alias here.
    const { http } = egress({
      allow: ["127.0.0.2/32"],
      resolve: async () => [{ address: lookups++ % 2 === 0 ? "127.0.0.2" : "127.0.0.1", family: 4 }],
    });
    const results = [];
    for (let i = 0; i < 6; i++) {
      results.push(
        await http
          .request({ method: "GET", url: `http://rebind.test:${port}/`, headers: { connection: "close" } })
          .catch((error: HeddleError) => error.code),
      );
    }
    expect(hits.length).toBeGreaterThan(0);
    expect(hits.every((hit) => hit.socket.localAddress?.endsWith("127.0.0.2"))).toBe(true);
    expect(results.every((result) => result === "http_blocked" || typeof result === "object")).toBe(true);
  });

  test.each(["/to-decimal", "/to-file", "/to-user", "/to-metadata"])("the redirect %s is refused", async (path) => {
    const { http, fetch } = egress({ allow: [`127.0.0.1:${port}`] });
    expect((await failure(http.request({ method: "GET", url: `http://127.0.0.1:${port}${path}` }))).code).toBe("http_blocked");
    expect((await failure(fetch(`http://127.0.0.1:${port}${path}`))).code).toBe("http_blocked");
    expect(hits.map((hit) => hit.url)).toEqual([path, path]);
  });

  test("a redirect from an allowed name to loopback is refused", async () => {
    const { http } = egress({ allow: [`entry.test:${port}`], resolve: async () => [{ address: "127.0.0.1", family: 4 }] });
    expect((await failure(http.request({ method: "GET", url: `http://entry.test:${port}/to-loopback` }))).code).toBe("http_blocked");
    expect(hits.map((hit) => hit.url)).toEqual(["/to-loopback"]);
  });
});

describe("exceptions", () => {
  test("an operator allows a host and port, and nothing beside it", async () => {
    const { http } = egress({ allow: [`localhost:${port}`] });
    expect((await http.request({ method: "GET", url: `http://localhost:${port}/` })).status).toBe(200);
    expect((await failure(http.request({ method: "GET", url: `http://127.0.0.1:${port}/` }))).code).toBe("http_blocked");
  });

  test("an operator allows a block of addresses", async () => {
    const { http } = egress({ allow: ["127.0.0.0/8"] });
    expect((await http.request({ method: "GET", url: `http://127.0.0.1:${port}/` })).status).toBe(200);
  });

  test.each(["169.254.0.0/16", "168.63.129.16/32", "0.0.0.0/0"])("allowing %s does not open metadata services", async (block) => {
    const { http } = egress({ allow: [block] });
    for (const host of ["169.254.169.254", "168.63.129.16", "0.0.0.0"]) {
      expect((await failure(http.request({ method: "GET", url: `http://${host}:${port}/` }))).code).toBe("http_blocked");
    }
  });

  test("model servers on this machine can be called, other private addresses can't", async () => {
    const { fetch } = egress({ allowLoopback: true });
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe("here");
    expect(await (await fetch(`http://[::1]:${port}/`)).text()).toBe("here");
    for (const host of ["10.0.0.1", "169.254.169.254", "[fe80::1]", "0.0.0.0"]) {
      expect((await failure(fetch(`http://${host}:${port}/`))).code).toBe("http_blocked");
    }
  });

  test("an entry that means nothing is refused at once", () => {
    expect(() => createEgress({ allow: ["localhost"] })).toThrow('"localhost" is neither');
  });
});

describe("requests", () => {
  const url = (path: string): string => `http://127.0.0.1:${port}${path}`;
  const local = (): Egress => egress({ allowLoopback: true });
  interface Echo {
    method: string;
    headers: Record<string, string>;
    body: string;
  }
  const parse = (body: Uint8Array): Echo => JSON.parse(Buffer.from(body).toString()) as Echo;

  test("method, headers and body arrive; headers of the connection are ours", async () => {
    const response = await local().http.request({
      method: "post",
      url: url("/echo"),
      headers: { "X-Mine": "1", Host: "internal.example", "Transfer-Encoding": "chunked", "Content-Type": "text/plain" },
      body: "hello",
    });
    const echo = parse(response.body);
    expect(echo).toMatchObject({
      method: "POST",
      body: "hello",
      headers: { "x-mine": "1", "content-type": "text/plain", "content-length": "5" },
    });
    expect(echo.headers["host"]).toBe(`127.0.0.1:${port}`);
  });

  test("303 turns a POST into a GET, 307 repeats it", async () => {
    const { http } = local();
    const seeOther = await http.request({ method: "POST", url: url("/to-echo-303"), headers: { "content-type": "text/plain" }, body: "x" });
    expect(parse(seeOther.body)).toMatchObject({ method: "GET", body: "" });
    expect(seeOther.url).toBe(url("/echo"));
    const repeated = await http.request({ method: "POST", url: url("/to-echo-307"), body: "x" });
    expect(parse(repeated.body)).toMatchObject({ method: "POST", body: "x" });
  });

  test("secrets stay with the origin they were meant for", async () => {
    const { http } = egress({ allowLoopback: true, resolve: async () => [{ address: "127.0.0.1", family: 4 }] });
    const headers = { Authorization: "Bearer s", Cookie: "a=b", "X-Api-Key": "s", "x-auth-token": "s", Accept: "text/plain" };
    const kept = parse((await http.request({ method: "GET", url: url("/to-echo-307"), headers })).body).headers;
    expect(kept).toMatchObject({ authorization: "Bearer s", "x-api-key": "s" });
    const crossed = parse((await http.request({ method: "GET", url: url("/to-other-origin"), headers })).body).headers;
    expect(crossed["accept"]).toBe("text/plain");
    for (const name of ["authorization", "cookie", "x-api-key", "x-auth-token"]) expect(crossed).not.toHaveProperty(name);
  });

  test("redirects end somewhere, and can be left to the caller", async () => {
    const { http } = local();
    expect(await failure(http.request({ method: "GET", url: url("/loop") }))).toMatchObject({ code: "http_failed", retryable: false });
    expect(hits).toHaveLength(6);
    expect((await http.request({ method: "GET", url: url("/loop"), maxRedirects: 0 })).status).toBe(302);
  });

  test("an answer above its limit is refused, announced or not", async () => {
    const { http } = local();
    for (const path of ["/large", "/endless"]) {
      expect((await failure(http.request({ method: "GET", url: url(path), maxResponseBytes: 99_999 }))).code).toBe("value_too_large");
    }
    expect((await http.request({ method: "GET", url: url("/large"), maxResponseBytes: 100_000 })).body).toHaveLength(100_000);
    const { fetch } = egress({ allowLoopback: true, maxFetchBytes: 99_999 });
    expect((await failure(fetch(url("/endless")).then((response) => response.text()))).code).toBe("value_too_large");
  });

  test("compressed answers are unpacked, bombs are not", async () => {
    const { http, fetch } = local();
    expect(Buffer.from((await http.request({ method: "GET", url: url("/gzip") })).body).toString()).toBe("small again");
    expect(await (await fetch(url("/gzip"))).text()).toBe("small again");
    expect((await http.request({ method: "HEAD", url: url("/gzip-head") })).body).toHaveLength(0);
    expect((await failure(http.request({ method: "GET", url: url("/bomb") }))).code).toBe("value_too_large");
    expect((await failure(http.request({ method: "GET", url: url("/not-gzip") }))).code).toBe("http_failed");
  });

  test.each(["/hang", "/slow-body", "/endless"])("%s is given up at the time limit", async (path) => {
    const error = await failure(local().http.request({ method: "GET", url: url(path), timeoutMs: 50, maxResponseBytes: 1e12 }));
    expect(error).toMatchObject({ code: "step_timeout", retryable: true });
  });

  test("an abort ends the request with the caller's own reason", async () => {
    const { http, fetch } = local();
    for (const start of [
      (signal: AbortSignal) => http.request({ method: "GET", url: url("/hang"), signal }),
      (signal: AbortSignal) => fetch(url("/hang"), { signal }),
    ]) {
      const controller = new AbortController();
      const reason = new HeddleError("run_cancelled", "Stop.");
      const running = start(controller.signal);
      setTimeout(() => controller.abort(reason), 20);
      await expect(running).rejects.toBe(reason);
      await expect(start(controller.signal)).rejects.toBe(reason);
    }
  });

  test("what goes wrong on the way is said in words", async () => {
    const { http, fetch } = egress({
      allowLoopback: true,
      resolve: () => Promise.reject(Object.assign(new Error(), { code: "ENOTFOUND" })),
    });
    expect(await failure(http.request({ method: "GET", url: "http://127.0.0.1:1/" }))).toMatchObject({
      code: "http_failed",
      retryable: true,
      message: "http://127.0.0.1:1 could not be reached: nothing listens there.",
    });
    expect(await failure(http.request({ method: "GET", url: "http://nowhere.test/" }))).toMatchObject({
      code: "http_failed",
      retryable: false,
      message: "http://nowhere.test could not be reached: no server has this name.",
    });
    expect(await failure(http.request({ method: "GET", url: url("/cut") }))).toMatchObject({ code: "http_failed" });
    expect(await failure(fetch(url("/cut")).then((response) => response.text()))).toMatchObject({ code: "http_failed" });
    expect(await failure(http.request({ method: "GET", url: url("/"), headers: { "x-a": "b\r\nc: d" } }))).toMatchObject({
      code: "http_failed",
      retryable: false,
    });
  });

  test("fetch sends what the platform's fetch sends, and streams what comes back", async () => {
    const { fetch } = local();
    const form = new FormData();
    form.set("a", "b");
    const sent = (await (await fetch(url("/echo"), { method: "POST", body: form })).json()) as Echo;
    expect(sent.headers["content-type"]).toMatch(/^multipart\/form-data; boundary=/);
    expect(sent.body).toContain('name="a"');
    const stream = new Blob(["streamed"]).stream();
    expect(await (await fetch(url("/echo"), { method: "PUT", body: stream, duplex: "half" } as RequestInit)).json()).toMatchObject({
      body: "streamed",
    });
    expect(await (await fetch(new Request(url("/echo"), { method: "POST", body: "r" }))).json()).toMatchObject({
      method: "POST",
      body: "r",
    });
    const reader = (await fetch(url("/slow-body"))).body?.getReader();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe("a");
    await reader?.cancel();
  });
});
