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

  test("spaces and backslashes in a query are data", async () => {
    const { http } = local();
    await http.request({ method: "GET", url: url("/a b?q=c d\\e") });
    expect(canary.hits.at(-1)?.url).toBe("/a%20b?q=c%20d\\e");
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
    expect(canary.hits).toHaveLength(6);
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
