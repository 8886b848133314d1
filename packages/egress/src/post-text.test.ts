import { HeddleError } from "@heddle/schema";
import { type Canary, startCanary } from "@heddle/testing/servers/canary";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createEgress } from "./create-egress.ts";

let canary: Canary;
const egress = createEgress({ allowLoopback: true, maxFetchBytes: 100_000 });
const post = (path: string, more: { headers?: Record<string, string>; body?: string; signal?: AbortSignal } = {}) =>
  egress.post({ url: `http://127.0.0.1:${canary.port}${path}`, headers: {}, body: "", ...more });
beforeAll(async () => {
  canary = await startCanary();
});
afterAll(async () => {
  await egress.close();
  await canary.close();
});

it("sends headers and body as they are, and answers with the whole text", async () => {
  const { status, headers, text } = await post("/echo", { headers: { "x-mine": "1", "content-type": "text/plain" }, body: "héllo" });
  expect([status, headers["content-type"]]).toEqual([200, "application/json"]);
  expect(JSON.parse(text)).toMatchObject({ method: "POST", body: "héllo", headers: { "x-mine": "1", "content-length": "6" } });
});

it("uses one connection again", async () => {
  canary.reset();
  await post("/echo");
  await post("/echo");
  expect(canary.hits).toHaveLength(2);
  expect(canary.connections).toBeLessThan(2);
});

it("follows no redirect", async () => {
  canary.reset();
  expect((await post("/to-echo-307")).status).toBe(307);
  expect(canary.hits).toHaveLength(1);
});

it("undoes an encoding that nobody asked for, within the limit", async () => {
  expect((await post("/gzip")).text).toBe("small again");
  expect((await post("/gzip-head")).text).toBe("");
  await expect(post("/bomb")).rejects.toMatchObject({ code: "value_too_large" });
  await expect(post("/not-gzip")).rejects.toMatchObject({ code: "http_failed" });
});

it("holds answers to their limit, and says when one stopped halfway", async () => {
  expect((await post("/large")).text).toHaveLength(100_000);
  await expect(post("/endless")).rejects.toMatchObject({ code: "value_too_large" });
  await expect(post("/cut")).rejects.toMatchObject({ code: "http_failed", retryable: true });
});

it("obeys its signal before, while and not after", async () => {
  const controller = new AbortController();
  const reason = new HeddleError("run_cancelled", "Stop.");
  canary.reset();
  const hanging = post("/hang", { signal: controller.signal });
  await expect.poll(() => canary.hits.length).toBe(1);
  controller.abort(reason);
  await expect(hanging).rejects.toBe(reason);
  await expect(post("/echo", { signal: controller.signal })).rejects.toBe(reason);
  const late = new AbortController();
  const { status } = await post("/echo", { signal: late.signal });
  late.abort(reason);
  expect(status).toBe(200);
});
