import { makeSamples, pathOf, sampleCall, textOf, type Samples } from "@heddle/testing/route-samples";
import { createTestApi, TEST_ORIGIN, type RegisteredPerson, type TestApi } from "@heddle/testing/test-api";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { routes } from "../routes/index.ts";
import { appRouter } from "../trpc/router.ts";

let test: TestApi;
let person: RegisteredPerson;
let samples: Samples;
beforeAll(async () => {
  test = await createTestApi();
  person = await test.register();
  samples = await makeSamples(test, person);
});
afterAll(() => test.close());

/** Written out, because making it of values would overflow the stack here. */
const DEEP = `{"name":"x","input":${"[".repeat(5_000)}${"]".repeat(5_000)},"config":${'{"a":'.repeat(5_000)}1${"}".repeat(5_000)}}`;
const BODIES: [string, unknown][] = [
  ["null", null],
  ["a list", []],
  ["a number", 7],
  ["a text", "x"],
  ["nothing", {}],
  [
    "wrong kinds",
    {
      name: { not: null },
      config: 1,
      input: [],
      email: {},
      password: [],
      token: null,
      scopes: "read",
      version: "1",
      role: {},
      query: {},
      fields: [],
      variables: 1,
      status: null,
    },
  ],
  [
    "NUL and broken characters",
    {
      name: "a\u0000b\ud800",
      input: "\u0000\ud800",
      email: "a\u0000@example.com",
      password: "\u0000".repeat(20),
      token: "\u0000",
      query: "\u0000",
      fields: { apiKey: "\u0000" },
      type: "openai",
      scopes: ["read"],
      role: "VIEWER",
      config: { nodes: [{ id: "start", type: "api-trigger", name: "\u0000" }] },
    },
  ],
  [
    "prototypes",
    JSON.parse(
      '{"__proto__":{"isAdmin":true},"constructor":{"prototype":{"isAdmin":true}},"name":"x","input":{"__proto__":{"isAdmin":true}},"config":{"nodes":[],"__proto__":{"a":1}}}',
    ) as unknown,
  ],
  [
    "numbers out of range",
    { version: 1e308, limit: -1, name: "x", config: { nodes: [], revision: 1e20 }, input: { n: 1e308 }, revision: 2_147_483_648 },
  ],
  [
    "quotes and operators",
    {
      name: "'; DROP TABLE agents; --",
      query: "' OR 1=1 --",
      email: "'@example.com",
      token: "' OR 1=1",
      input: "${process.exit()}",
      config: { nodes: [{ id: "start", type: "api-trigger", name: "$(id)" }] },
    },
  ],
];
const QUERIES = [
  "?cursor=%00&limit=0",
  "?cursor='%20or%201=1&limit=1e9",
  "?limit=-1",
  "?cursor=" + "9".repeat(400),
  "?agentId=x&status=NO",
  "?__proto__=1&constructor=1",
  "?stream=maybe",
  "?search=%25%27%00",
];

/** Fails where an answer says that we did not expect what was sent. */
async function expectRefusedOrServed(response: Response): Promise<void> {
  expect(response.status, await textOf(response)).toBeLessThan(500);
  if (!response.bodyUsed) await response.body?.cancel();
}

/** They would end the session by which the rest is asked, and take no input. */
const SIGN_OUT = ["auth.logout", "account.revokeAllSessions"];
const withBody = routes.filter((route) => route.method !== "GET" && route.method !== "DELETE" && !SIGN_OUT.includes(route.id));
const procedures = Object.keys(appRouter._def.procedures).filter((name) => !SIGN_OUT.includes(name));

describe("hostile input", () => {
  it.each(withBody.flatMap((route) => BODIES.map(([kind, body]) => [kind, `${route.method} ${route.path}`, route, body] as const)))(
    "%s to %s is no fault of ours",
    async (_kind, _name, route, body) => {
      await expectRefusedOrServed(await test.call(route.method, pathOf(route, samples), { as: person.as, body }));
    },
  );

  it.each(
    routes
      .filter((route) => route.method === "GET" && route.id !== "auth.callback")
      .flatMap((route) => QUERIES.map((query) => [query, route.path, route] as const)),
  )("%s to %s is no fault of ours", async (query, _, route) => {
    await expectRefusedOrServed(await test.call("GET", pathOf(route, samples) + query, { as: person.as }));
  });

  it.each(routes.filter((route) => route.path.includes(":id")).map((route) => [`${route.method} ${route.path}`, route] as const))(
    "ids that are none are not found: %s",
    async (_, route) => {
      for (const id of ["0", "x".repeat(300), "%00", "..%2f..", "%27", "undefined", "[object%20Object]"]) {
        const response = await test.call(route.method, route.path.replace(":id", id).replaceAll(/:[A-Za-z]+/g, samples.member), {
          as: person.as,
          ...sampleCall(route),
        });
        expect([401, 404], await response.text()).toContain(response.status);
      }
    },
  );

  it.each(procedures.flatMap((name) => BODIES.map(([kind, body]) => [kind, name, body] as const)))(
    "%s to the procedure %s is no fault of ours",
    async (_kind, name, body) => {
      await expectRefusedOrServed(await test.call("POST", `/api/trpc/${name}`, { as: person.as, body }));
      await expectRefusedOrServed(
        await test.call("GET", `/api/trpc/${name}?input=${encodeURIComponent(JSON.stringify(body)).slice(0, 8_000)}`, { as: person.as }),
      );
    },
  );

  it.each([
    ...withBody.map((route) => [`${route.method} ${route.path}`, route.method, (): string => pathOf(route, samples)] as const),
    ...procedures.map((name) => [name, "POST", () => `/api/trpc/${name}`] as const),
  ])("deep nesting to %s is no fault of ours", async (_, method, path) => {
    const headers = {
      host: "localhost:3000",
      cookie: person.as.cookie,
      "content-type": "application/json",
      "content-length": String(DEEP.length),
    };
    await expectRefusedOrServed(
      await test.api.fetch(new Request(TEST_ORIGIN + path(), { method, body: DEEP, headers }), {
        incoming: { socket: { remoteAddress: "127.0.0.1" } },
      }),
    );
  });

  it("leaves no trace on prototypes, and the session it was sent by", async () => {
    expect((await test.call("GET", "/api/workspaces", { as: person.as })).status).toBe(200);
    expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined();
    expect(test.errors).toEqual([]);
  });

  it("does not let a body choose ids, workspaces or roles", async () => {
    const stolen = {
      id: "0190b4d3-0000-7000-8000-000000000000",
      workspaceId: "0190b4d3-0000-7000-8000-000000000001",
      role: "OWNER",
      passwordHash: "x",
      createdAt: "2000-01-01T00:00:00Z",
    };
    for (const route of withBody.filter(
      (candidate) => candidate.body !== "upload" && candidate.body !== undefined && candidate.auth !== "public",
    )) {
      const sample = sampleCall(route).body as object;
      const response = await test.call(route.method, pathOf(route, samples), { as: person.as, body: { ...stolen, ...sample } });
      const text = await response.text();
      expect([route.id, text.includes(stolen.id) || text.includes(stolen.workspaceId) || text.includes("2000-01-01")]).toEqual([
        route.id,
        false,
      ]);
    }
  });
});

describe("what a request is made of", () => {
  const agents = () => `/api/workspaces/${samples.workspace}/agents`;
  const raw = (path: string, init: RequestInit & { headers?: Record<string, string> }) =>
    test.api.fetch(
      new Request(`${TEST_ORIGIN}${path}`, { ...init, headers: { host: "localhost:3000", cookie: person.as.cookie, ...init.headers } }),
      { incoming: { socket: { remoteAddress: "127.0.0.1" } } },
    );

  it("must be JSON where JSON is due, and a form where a file is", async () => {
    const text = await raw(agents(), {
      method: "POST",
      body: '{"name":"x"}',
      headers: { "content-type": "text/plain", "content-length": "12" },
    });
    expect([text.status, ((await text.json()) as { code: string }).code]).toEqual([415, "unsupported_media_type"]);
    const posing = await test.call("POST", `/api/workspaces/${samples.workspace}/datasets`, {
      as: person.as,
      body: { name: "x", file: { path: "/etc/passwd" } },
    });
    expect(posing.status).toBe(415);
    const broken = await raw(agents(), {
      method: "POST",
      body: '{"name":',
      headers: { "content-type": "application/json", "content-length": "8" },
    });
    expect([broken.status, ((await broken.json()) as { code: string }).code]).toEqual([400, "invalid_json"]);
  });

  it("may have one mebibyte and not one byte more", async () => {
    const bodyOf = (bytes: number) => JSON.stringify({ input: "x".repeat(bytes - JSON.stringify({ input: "" }).length) });
    const send = (bytes: number, declared: boolean) => {
      const body = bodyOf(bytes);
      return raw(`/api/deployments/${samples.deployment}/execute`, {
        method: "POST",
        body,
        headers: {
          "content-type": "application/json",
          ...(declared ? { "content-length": String(bytes) } : { "transfer-encoding": "chunked" }),
        },
      });
    };
    for (const declared of [true, false]) {
      expect((await send(1024 * 1024, declared)).status).not.toBe(413);
      expect((await send(1024 * 1024 + 1, declared)).status).toBe(413);
    }
  });

  it("comes from this site where a cookie vouches for it", async () => {
    for (const origin of ["https://evil.example", "null", "http://localhost:3000.evil.example"]) {
      for (const path of [agents(), "/api/trpc/workspace.create", "/api/auth/login"]) {
        const response = await test.call("POST", path, { as: person.as, body: { name: "x" }, headers: { origin } });
        expect([origin, path, response.status]).toEqual([origin, path, 403]);
      }
    }
    expect(
      (await test.call("POST", "/api/workspaces", { as: person.as, body: { name: "Own" }, headers: { origin: TEST_ORIGIN } })).status,
    ).toBe(201);
  });

  it("gets a problem document with a stable code for what is wrong", async () => {
    const response = await test.call("POST", agents(), {
      as: person.as,
      body: { name: "", config: { nodes: [{ id: "1 2", type: "nonsense" }] } },
    });
    expect(response.status).toBe(400);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    expect(await response.json()).toMatchObject({
      code: "invalid_request",
      status: 400,
      problems: expect.arrayContaining([
        expect.objectContaining({ field: "name" }),
        expect.objectContaining({ field: "config.nodes.0.id" }),
      ]),
    });
    expect((await test.call("PUT", "/api/workspaces", { as: person.as, body: {} })).headers.get("allow")).toBe("GET, POST");
  });
});
