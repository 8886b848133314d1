import { makeSamples, pathOf, sampleCall, type Samples } from "@heddle/testing/route-samples";
import { createTestApi, type TestApi } from "@heddle/testing/test-api";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { routes } from "../routes/index.ts";
import { appRouter } from "../trpc/router.ts";

/** Written by hand: a route that anyone may call is added here on purpose or not at all. */
const PUBLIC = [
  "DELETE /api/hooks/:id",
  "DELETE /api/hooks/:id/:path{.+}",
  "GET /api/auth/callback/:provider",
  "GET /api/auth/methods",
  "GET /api/auth/start/:provider",
  "GET /api/health",
  "GET /api/hooks/:id",
  "GET /api/hooks/:id/:path{.+}",
  "GET /api/metrics",
  "GET /api/openapi.json",
  "GET /api/ready",
  "PATCH /api/hooks/:id",
  "PATCH /api/hooks/:id/:path{.+}",
  "POST /api/auth/forgot-password",
  "POST /api/auth/login",
  "POST /api/auth/logout",
  "POST /api/auth/register",
  "POST /api/auth/reset-password",
  "POST /api/hooks/:id",
  "POST /api/hooks/:id/:path{.+}",
  "POST /api/invitations/preview",
  "POST /api/waits/:id/:token",
  "PUT /api/hooks/:id",
  "PUT /api/hooks/:id/:path{.+}",
];

let test: TestApi;
let samples: Samples;
beforeAll(async () => {
  test = await createTestApi();
  samples = await makeSamples(test, await test.register());
});
afterAll(() => test.close());

const closed = routes.filter((route) => !PUBLIC.includes(`${route.method} ${route.path}`));

describe("the anonymous", () => {
  it("find no public route that is not on the written list", () => {
    expect(
      routes
        .filter((route) => route.auth === "public")
        .map((route) => `${route.method} ${route.path}`)
        .toSorted(),
    ).toEqual(PUBLIC);
  });

  it.each(closed.map((route) => [`${route.method} ${route.path}`, route] as const))("get 401 from %s", async (_, route) => {
    const path = pathOf(route, samples);
    for (const headers of [
      {},
      { authorization: "Bearer hdl_wrong" },
      { authorization: "Bearer undefined" },
      { authorization: "Bearer " },
      { cookie: "__Host-heddle.session_token=undefined" },
      { "x-middleware-subrequest": "middleware" },
    ]) {
      const response = await test.call(route.method, path, { ...sampleCall(route), headers });
      expect([headers, response.status]).toEqual([headers, 401]);
      expect(response.headers.get("content-type")).toBe("application/problem+json");
    }
  });

  it.each(Object.keys(appRouter._def.procedures))("get 401 from the procedure %s", async (name) => {
    const query = await test.call("GET", `/api/trpc/${name}?input=%7B%7D`);
    const mutation = await test.call("POST", `/api/trpc/${name}`, { body: {} });
    // One of the two is the wrong kind of call for this procedure, and is refused for that alone.
    expect([query.status, mutation.status].toSorted()).toEqual([401, 405]);
  });

  it.each([
    "/API/workspaces",
    "//api/workspaces",
    "/api//workspaces",
    "/api%2fworkspaces",
    "/api/workspaces/",
    "/api/workspaces.rsc",
    "/api/./workspaces",
  ])("learn nothing from %s", async (path) => {
    const response = await test.call("GET", path);
    expect([401, 404]).toContain(response.status);
  });

  it("change nothing by being refused", async () => {
    const { rows } = await test.database.asOwner((client) =>
      client.query<{ agents: number; keys: number }>(
        "SELECT (SELECT count(*)::int FROM agents) AS agents, (SELECT count(*)::int FROM api_keys) AS keys",
      ),
    );
    expect(rows[0]).toEqual({ agents: 1, keys: 1 });
  });
});
