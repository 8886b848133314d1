import { type Canary, startCanary } from "@heddle/testing/servers/canary";
import { HeddleError } from "@heddle/schema";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { createEgress, type Egress, type EgressOptions } from "./create-egress.ts";

let canary: Canary;
let port: number;
beforeAll(async () => {
  canary = await startCanary();
  port = canary.port;
});
afterAll(() => canary.close());

const open: Egress[] = [];
function egress(options?: EgressOptions): Egress {
  const created = createEgress(options);
  open.push(created);
  return created;
}
afterEach(async () => {
  canary.reset();
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
    const { http, fetch, post } = egress();
    expect((await failure(http.request({ method: "GET", url: make(port) }))).code).toBe("http_blocked");
    expect((await failure(fetch(make(port)))).code).toBe("http_blocked");
    expect((await failure(post({ url: make(port), headers: {}, body: "" }))).code).toBe("http_blocked");
    expect({ hits: canary.hits.length, connections: canary.connections }).toEqual({ hits: 0, connections: 0 });
  });

  test("the refusal does not repeat what may be secret in an address", async () => {
    const { http } = egress();
    for (const url of ["http://me:canary@example.com/", "ftp://example.com/?token=canary", "http://example.com\\@x/#canary"]) {
      const error = await failure(http.request({ method: "GET", url }));
      expect(error.code).toBe("http_blocked");
      expect(error.message).not.toContain("canary");
    }
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
    expect({ hits: canary.hits.length, connections: canary.connections }).toEqual({ hits: 0, connections: 0 });
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
    expect(canary.hits.length).toBeGreaterThan(0);
    expect(canary.hits.every((hit) => hit.socket.localAddress?.endsWith("127.0.0.2"))).toBe(true);
    expect(results.every((result) => result === "http_blocked" || typeof result === "object")).toBe(true);
  });

  test.each(["/to-decimal", "/to-file", "/to-user", "/to-metadata"])("the redirect %s is refused", async (path) => {
    const { http, fetch } = egress({ allow: [`127.0.0.1:${port}`] });
    expect((await failure(http.request({ method: "GET", url: `http://127.0.0.1:${port}${path}` }))).code).toBe("http_blocked");
    expect((await failure(fetch(`http://127.0.0.1:${port}${path}`))).code).toBe("http_blocked");
    expect(canary.hits.map((hit) => hit.url)).toEqual([path, path]);
  });

  test("a redirect from an allowed name to loopback is refused", async () => {
    const { http } = egress({ allow: [`entry.test:${port}`], resolve: async () => [{ address: "127.0.0.1", family: 4 }] });
    expect((await failure(http.request({ method: "GET", url: `http://entry.test:${port}/to-loopback` }))).code).toBe("http_blocked");
    expect(canary.hits.map((hit) => hit.url)).toEqual(["/to-loopback"]);
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
    const { fetch, post } = egress({ allowLoopback: true });
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe("here");
    expect((await post({ url: `http://127.0.0.1:${port}/`, headers: {}, body: "" })).text).toBe("here");
    expect(await (await fetch(`http://[::1]:${port}/`)).text()).toBe("here");
    for (const host of ["10.0.0.1", "169.254.169.254", "[fe80::1]", "0.0.0.0"]) {
      expect((await failure(fetch(`http://${host}:${port}/`))).code).toBe("http_blocked");
      expect((await failure(post({ url: `http://${host}:${port}/`, headers: {}, body: "" }))).code).toBe("http_blocked");
    }
  });

  test("an entry that means nothing is refused at once", () => {
    expect(() => createEgress({ allow: ["localhost"] })).toThrow('"localhost" is neither');
  });
});
