import { makeSamples, pathOf, sampleCall, textOf, type Samples } from "@heddle/testing/route-samples";
import { createTestApi, type RegisteredPerson, type TestApi } from "@heddle/testing/test-api";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { routes } from "../routes/index.ts";

let test: TestApi;
let alice: RegisteredPerson;
let bob: RegisteredPerson;
let bobsKey: { key: string };
let samples: Samples;
beforeAll(async () => {
  test = await createTestApi();
  [alice, bob] = [await test.register(), await test.register()];
  samples = await makeSamples(test, alice);
  bobsKey = await test.createKey(bob, ["read", "write", "deploy"]);
});
afterAll(() => test.close());

const owned = routes.filter((route) => route.auth !== "public" && route.path.includes(":") && !route.path.startsWith("/api/templates"));

describe("one tenant's requests, replayed by another", () => {
  it.each(owned.map((route) => [`${route.method} ${route.path}`, route] as const))("find nothing: %s", async (_, route) => {
    const response = await test.call(route.method, pathOf(route, samples), { as: bob.as, ...sampleCall(route) });
    expect(response.status, await response.clone().text()).toBe(404);
  });

  it.each(owned.filter((route) => route.auth === "session-or-key").map((route) => [`${route.method} ${route.path}`, route] as const))(
    "find nothing with a key either: %s",
    async (_, route) => {
      const response = await test.call(route.method, pathOf(route, samples), { as: bobsKey, ...sampleCall(route) });
      expect(response.status, await response.clone().text()).toBe(404);
    },
  );

  it("left everything as it was", async () => {
    for (const route of routes.filter(
      (candidate) => candidate.method === "GET" && candidate.auth === "session-or-key" && !candidate.path.startsWith("/api/templates"),
    )) {
      const response = await test.call("GET", pathOf(route, samples), { as: alice.as });
      expect([route.path, response.status]).toEqual([route.path, 200]);
      expect(await textOf(response)).not.toContain("Mine");
    }
  });

  it("never say which ids exist", async () => {
    const answers = await Promise.all(
      [samples.agent, "0190b4d3-0000-7000-8000-000000000000"].map(
        async (id) => await (await test.call("GET", `/api/agents/${id}`, { as: bob.as })).json(),
      ),
    );
    const [real, made] = answers.map((answer) => ({ ...(answer as object), instance: undefined }));
    expect(real).toEqual(made);
  });
});
