import { createTestApi, type TestApi } from "@heddle/testing/test-api";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createApi } from "../../app.ts";

let test: TestApi;
beforeAll(async () => {
  test = await createTestApi();
});
afterAll(() => test.close());

const TOKEN = "a-token-for-scraping";

function ask({ token, address = "127.0.0.1", headers = {} }: { token?: string; address?: string; headers?: Record<string, string> }) {
  const settings = { ...test.options.settings, ...(token === undefined ? {} : { metricsToken: token }) };
  const request = new Request("http://localhost:3000/api/metrics", { headers: { host: "localhost:3000", ...headers } });
  return createApi({ ...test.options, settings }).fetch(request, { incoming: { socket: { remoteAddress: address } } });
}

describe("the metrics", () => {
  it("are what Prometheus reads", async () => {
    const response = await ask({});
    expect(response.headers.get("content-type")).toContain("text/plain; version=0.0.4");
    const text = await response.text();
    expect(text).toMatch(/^# HELP heddle_queue_depth .+\n# TYPE heddle_queue_depth gauge\nheddle_queue_depth 0$/m);
    for (const line of text.trim().split("\n")) expect(line).toMatch(/^(# (HELP|TYPE) \S+ .+|heddle_\w+ \d+(\.\d+)?)$/);
  });

  it("are for this machine, and not for what its proxy forwards", async () => {
    expect((await ask({ address: "10.0.0.7" })).status).toBe(401);
    expect((await ask({ headers: { "x-forwarded-for": "203.0.113.9" } })).status).toBe(401);
    expect((await ask({ address: "::1" })).status).toBe(200);
  });

  it("are for whoever has the token, where there is one", async () => {
    for (const authorization of ["", "Bearer ", "Bearer undefined", `Bearer ${TOKEN}x`]) {
      expect((await ask({ token: TOKEN, headers: { authorization } })).status).toBe(401);
    }
    expect((await ask({ token: TOKEN })).status).toBe(401);
    expect((await ask({ token: TOKEN, address: "10.0.0.7", headers: { authorization: `Bearer ${TOKEN}` } })).status).toBe(200);
  });
});
