import { makeSamples, pathOf, sampleCall, textOf, type Samples } from "@heddle/testing/route-samples";
import { roleAllows, scopesAllow } from "@heddle/platform/access/permission";
import { apiKeyScope, role, type ApiKeyScope, type Role } from "@heddle/schema";
import { createTestApi, type RegisteredPerson, type TestApi } from "@heddle/testing/test-api";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { routes } from "../routes/index.ts";

let test: TestApi;
let owner: RegisteredPerson;
let samples: Samples;
const members = new Map<Role, RegisteredPerson>();
const keys = new Map<ApiKeyScope, { key: string }>();
beforeAll(async () => {
  test = await createTestApi();
  owner = await test.register();
  samples = await makeSamples(test, owner);
  for (const each of role.options) members.set(each, each === "OWNER" ? owner : await test.join(owner.workspaceId, each));
  for (const scope of apiKeyScope.options) keys.set(scope, await test.createKey(owner, [scope]));
});
afterAll(() => test.close());

/** Whatever a role or key may not do, and for roles what they may see: carrying out allowed changes would end what other cases need. */
const roleCases = routes
  .filter((route) => route.permission !== undefined && route.path.includes(":") && !route.path.startsWith("/api/templates"))
  .flatMap((route) => role.options.map((each) => ({ each, route, isAllowed: roleAllows(each, route.permission ?? "read") })))
  .filter(({ route, isAllowed }) => !isAllowed || route.method === "GET")
  .map(({ each, route, isAllowed }) => [each, isAllowed ? "may" : "may not", `${route.method} ${route.path}`, route, isAllowed] as const);
const scopeCases = routes
  .filter((route) => route.auth !== "public" && route.path.includes(":"))
  .flatMap((route) => apiKeyScope.options.map((scope) => ({ scope, route })))
  .filter(({ scope, route }) => route.auth === "session" || route.permission === undefined || !scopesAllow([scope], route.permission))
  .map(({ scope, route }) => [scope, `${route.method} ${route.path}`, route] as const);

describe("roles", () => {
  it.each(roleCases)("%s %s %s", async (each, _may, _name, route, isAllowed) => {
    const response = await test.call(route.method, pathOf(route, samples), { as: members.get(each)?.as, ...sampleCall(route) });
    expect(response.status, await textOf(response)).toBe(isAllowed ? 200 : 403);
  });
});

describe("scopes of API keys", () => {
  it.each(scopeCases)("%s does not suffice for %s", async (scope, _, route) => {
    const response = await test.call(route.method, pathOf(route, samples), { as: keys.get(scope), ...sampleCall(route) });
    expect(response.status, await response.clone().text()).toBe(403);
  });

  it("let a key do what they name", async () => {
    const statuses = await Promise.all([
      test.call("GET", `/api/agents/${samples.agent}`, { as: keys.get("read") }),
      test.call("POST", `/api/deployments/${samples.deployment}/execute`, { as: keys.get("write"), body: { input: { name: "Ada" } } }),
      test.call("POST", `/api/agents/${samples.agent}/deploy`, { as: keys.get("deploy") }),
    ]);
    expect(statuses.map((response) => response.status)).toEqual([200, 200, 201]);
  });

  it("count only in the Authorization header, and a wrong key is not saved by a cookie", async () => {
    const { key } = keys.get("read") ?? { key: "" };
    for (const headers of [{ "x-api-key": key }, { authorization: key }, { authorization: `Basic ${key}` }, { cookie: `key=${key}` }]) {
      expect((await test.call("GET", `/api/agents/${samples.agent}`, { headers })).status).toBe(401);
    }
    expect(
      (await test.call("GET", `/api/agents/${samples.agent}`, { headers: { authorization: "Bearer hdl_wrong", cookie: owner.as.cookie } }))
        .status,
    ).toBe(401);
  });

  it("end at once when the key is revoked", async () => {
    const { key, id } = (await test.createKey(owner, ["read"])) as { key: string; id: string };
    expect((await test.call("GET", "/api/workspaces", { as: { key } })).status).toBe(200);
    expect((await test.call("DELETE", `/api/workspaces/${samples.workspace}/api-keys/${id}`, { as: owner.as })).status).toBe(204);
    await expect.poll(async () => (await test.call("GET", "/api/workspaces", { as: { key } })).status).toBe(401);
  });
});
