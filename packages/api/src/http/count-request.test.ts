import { createLimits, type Limits } from "@heddle/platform/limits/limits";
import { createPostgresRateStore } from "@heddle/platform/limits/postgres-rate-store";
import { createRedisRateStore } from "@heddle/platform/limits/redis-rate-store";
import { startRedis, type RedisServer } from "@heddle/testing/redis-server";
import { makeSamples } from "@heddle/testing/route-samples";
import { createTestApi, TEST_ORIGIN, type TestApi } from "@heddle/testing/test-api";
import { afterEach, describe, expect, it } from "vitest";
import { createApi, type Api } from "../app.ts";
import { connectEvents } from "../events/connect-events.ts";

let test: TestApi;
afterEach(() => test.close());

const fields = (response: Response) =>
  ["ratelimit-limit", "ratelimit-remaining", "ratelimit-reset", "ratelimit-policy", "ratelimit", "retry-after"].map((name) =>
    response.headers.get(name),
  );
const rates = { address: 0, user: 0, key: 0, agent: 0 };

async function send(path: string, headers: Record<string, string>, remoteAddress: string, isProxyTrusted = false): Promise<Response> {
  const api = createApi({ ...test.options, settings: { ...test.options.settings, isProxyTrusted } });
  const request = new Request(`${TEST_ORIGIN}${path}`, { headers: { host: "localhost:3000", ...headers } });
  return await api.fetch(request, { incoming: { socket: { remoteAddress } } });
}

describe("a person", () => {
  it("is told what is left, by REST and procedures alike, and is refused when nothing is", async () => {
    test = await createTestApi({ limits: { rates: { ...rates, user: 4 } } });
    const { as } = await test.register();
    // Registering has asked for the list of workspaces once.
    const second = await test.call("GET", "/api/workspaces", { as });
    expect(fields(second)).toEqual([
      "4",
      "2",
      expect.stringMatching(/^\d+$/),
      '"user";q=4;w=60',
      expect.stringMatching(/^"user";r=2;t=\d+$/),
      null,
    ]);
    const batch = `/api/trpc/workspace.list,account.me?batch=1&input=${encodeURIComponent('{"0":{}}')}`;
    expect((await test.call("GET", batch, { as })).headers.get("ratelimit-remaining")).toBe("0");
    const refused = await test.call("GET", "/api/workspaces", { as });
    expect(refused.status).toBe(429);
    expect(await refused.json()).toMatchObject({ code: "rate_limited", details: { policy: "user", limit: 4 } });
    const [limit, remaining, reset, policy, , retryAfter] = fields(refused);
    expect([limit, remaining, policy]).toEqual(["4", "0", '"user";q=4;w=60']);
    expect(Number(retryAfter)).toBeGreaterThan(0);
    expect(Number(retryAfter)).toBeLessThanOrEqual(60);
    expect(reset).toBe(retryAfter);
    await expect(
      connectEvents(new Headers({ cookie: as.cookie }), test.options, { send: () => true, ready: async () => {}, close: () => {} }),
    ).rejects.toMatchObject({ code: "rate_limited" });
  });

  it("may run agents and ask how runs went as often as they like", async () => {
    test = await createTestApi({ limits: { rates: { ...rates, user: 20 } } });
    const owner = await test.register();
    const { deployment, execution } = await makeSamples(test, owner);
    for (let index = 0; index < 30; index++) {
      const path = index % 2 === 0 ? `/api/executions/${execution}` : `/api/executions/${execution}/trace`;
      expect((await test.call("GET", path, { as: owner.as })).status).toBe(200);
    }
    expect((await test.call("POST", `/api/deployments/${deployment}/execute`, { as: owner.as, body: {} })).status).toBe(200);
  });
});

describe("a key", () => {
  it("has no limit until it is given one, which holds from then on and in every process", async () => {
    test = await createTestApi();
    const owner = await test.register();
    const { key, id } = (await test.createKey(owner, ["read"])) as { key: string; id: string };
    const call = () => test.call("GET", "/api/workspaces", { as: { key } });
    for (let index = 0; index < 20; index++) expect(fields(await call())).toEqual([null, null, null, null, null, null]);
    const path = `/api/workspaces/${owner.workspaceId}/api-keys/${id}`;
    const changed = await test.call("PUT", path, { as: owner.as, body: { rateLimit: 3 } });
    expect(await changed.json()).toMatchObject({ id, rateLimit: 3 });
    await expect.poll(async () => (await call()).status).toBe(429);
    expect((await test.call("PUT", path, { as: owner.as, body: { rateLimit: 0 } })).status).toBe(400);
    expect(await (await test.call("PUT", path, { as: owner.as, body: { rateLimit: null } })).json()).toMatchObject({ rateLimit: null });
    await expect.poll(async () => (await call()).status).toBe(200);
  });

  it("is made with a limit", async () => {
    test = await createTestApi();
    const owner = await test.register();
    const made = await test.call("POST", `/api/workspaces/${owner.workspaceId}/api-keys`, {
      as: owner.as,
      body: { name: "Batch", scopes: ["read"], rateLimit: 2 },
    });
    const { key } = (await made.json()) as { key: string };
    const statuses = [];
    for (let index = 0; index < 3; index++) statuses.push((await test.call("GET", "/api/workspaces", { as: { key } })).status);
    expect(statuses).toEqual([200, 200, 429]);
  });
});

describe("an address", () => {
  it("that sends wrong keys, unknown paths or nothing at all is refused, whatever it says where it is; whoever proves who they are is not", async () => {
    test = await createTestApi({ limits: { rates: { ...rates, address: 6 } } });
    const owner = await test.register();
    const tries = [
      "/api/workspaces",
      "/api/nothing",
      "/api//workspaces",
      "/api/trpc/workspace.list",
      "/api/hooks/0190b4d3-0000-7000-8000-000000000000",
    ];
    const statuses: number[] = [];
    for (let index = 0; index < 12; index++) {
      const headers = { authorization: "Bearer hdl_wrong", "x-forwarded-for": `198.51.100.${index}` };
      statuses.push((await send(tries[index % tries.length] ?? "", headers, "203.0.113.7")).status);
    }
    expect(statuses.slice(0, 6)).toEqual([401, 404, 401, 401, 404, 401]);
    expect(statuses.slice(6)).toEqual([429, 429, 429, 429, 429, 429]);
    expect((await send("/api/workspaces", { cookie: owner.as.cookie }, "203.0.113.7")).status).toBe(200);
    expect((await send("/api/workspaces", {}, "203.0.113.8")).status).toBe(401);
    for (const path of ["/api/health", "/api/ready"]) expect((await send(path, {}, "203.0.113.7")).status).toBe(200);
  });

  it("is the one that our own proxy saw, and of IPv6 its /64", async () => {
    test = await createTestApi({ limits: { rates: { ...rates, address: 2 } } });
    const from = async (forwarded: string) => (await send("/api/workspaces", { "x-forwarded-for": forwarded }, "10.0.0.1", true)).status;
    expect([await from("1.1.1.1, 203.0.113.7"), await from("2.2.2.2, 203.0.113.7"), await from("3.3.3.3, 203.0.113.7")]).toEqual([
      401, 401, 429,
    ]);
    expect([await from("2001:db8::1"), await from("2001:db8::2"), await from("2001:db8::3"), await from("2001:db8:0:1::1")]).toEqual([
      401, 401, 429, 401,
    ]);
  });
});

describe("an agent", () => {
  it("takes as many calls a minute as it is given, whoever calls, and says so in the headers", async () => {
    test = await createTestApi({ limits: { rates: { ...rates, agent: 3 } } });
    const owner = await test.register();
    // Making the samples has called the agent once.
    const { deployment } = await makeSamples(test, owner);
    const { key } = await test.createKey(owner, ["write"]);
    const path = `/api/deployments/${deployment}/execute`;
    const first = await test.call("POST", path, { as: { key }, body: {} });
    expect(fields(first).slice(0, 2)).toEqual(["3", "1"]);
    expect((await test.call("POST", path, { as: owner.as, body: {} })).status).toBe(200);
    const refused = await test.call("POST", path, { as: { key }, body: {} });
    expect([refused.status, refused.headers.get("ratelimit-policy")]).toEqual([429, '"agent";q=3;w=60']);
  });
});

describe.each(["PostgreSQL", "Redis"])("two processes that share %s", (store) => {
  it("give out one limit between them", async () => {
    test = await createTestApi();
    const owner = await test.register();
    const made = await test.call("POST", `/api/workspaces/${owner.workspaceId}/api-keys`, {
      as: owner.as,
      body: { name: "Shared", scopes: ["read"], rateLimit: 50 },
    });
    const { key } = (await made.json()) as { key: string };
    const redis = store === "Redis" ? await startRedis() : undefined;
    const processes = [sibling(redis), sibling(redis)];
    const headers = { host: "localhost:3000", authorization: `Bearer ${key}` };
    const answers = await Promise.all(
      Array.from({ length: 160 }, (_, index) => processes[index % 2]?.api.fetch(new Request(`${TEST_ORIGIN}/api/workspaces`, { headers }))),
    );
    expect(answers.filter((answer) => answer?.status === 200)).toHaveLength(50);
    expect(answers.filter((answer) => answer?.status === 429)).toHaveLength(110);
    await Promise.all(processes.map(({ limits }) => limits.close()));
    await redis?.stop();
  });
});

/** Another process on the same database, as far as its limits go. */
function sibling(redis: RedisServer | undefined): { api: Api; limits: Limits } {
  const { db } = test.database;
  const { access, audit } = test.platform;
  const rateStore = redis === undefined ? createPostgresRateStore(db.pools.auth) : createRedisRateStore({ url: redis.url });
  const limits = createLimits({ db, access, audit, publicUrl: TEST_ORIGIN, owner: () => "", rateStore });
  return { limits, api: createApi({ ...test.options, platform: { ...test.options.platform, limits } }) };
}
