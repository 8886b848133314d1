import { runNode, type NodeRunOptions } from "@heddle/testing/node-context";
import type { HttpRequest, HttpResponse, ResolvedCredential } from "@heddle/node-kit";
import { HeddleError } from "@heddle/schema";
import { describe, expect, it } from "vitest";
import { httpRequest } from "./definition.ts";
import { handler } from "./handler.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
function server(answer: Partial<HttpResponse> & { text?: string } = {}, credential?: ResolvedCredential) {
  const requests: HttpRequest[] = [];
  const request = async (sent: HttpRequest): Promise<HttpResponse> => {
    requests.push(sent);
    return { status: 200, headers: { "Content-Type": "application/json" }, body: bytes(answer.text ?? "{}"), url: sent.url, ...answer };
  };
  const services: NonNullable<NodeRunOptions["services"]> = {
    http: { request },
    ...(credential ? { credentials: { resolve: async () => credential } } : {}),
  };
  return { requests, services };
}
const call = (params: Record<string, unknown>, services: NonNullable<NodeRunOptions["services"]>) =>
  runNode(httpRequest, handler, { params: { url: "https://api.example.com/orders", ...params }, services });

describe("http-request composes", () => {
  it("a query that is encoded, leaves out what is missing and repeats lists", async () => {
    const { requests, services } = server();
    await call({ url: " https://api.example.com/a?x=1 ", query: { q: "a&b=c d", none: null, ids: [1, 2], deep: { a: 1 } } }, services);
    expect(requests[0]?.url).toBe("https://api.example.com/a?x=1&q=a%26b%3Dc+d&ids=1&ids=2&deep=%7B%22a%22%3A1%7D");
  });

  it.each<[string, Record<string, unknown>, string, string]>([
    ["JSON", { bodyKind: "json", json: { a: 1, gone: undefined } }, '{"a":1}', "application/json"],
    ["a form", { bodyKind: "form", form: { a: "1&2", b: [3, 4], c: null } }, "a=1%262&b=3&b=4", "application/x-www-form-urlencoded"],
    ["text", { bodyKind: "text", text: "hello" }, "hello", "text/plain; charset=utf-8"],
  ])("a body of %s", async (_name, params, body, contentType) => {
    const { requests, services } = server();
    await call({ method: "POST", ...params }, services);
    expect(requests[0]).toMatchObject({ method: "POST", body, headers: { "content-type": contentType, "idempotency-key": "run-1:node#" } });
  });

  it("headers, which win over its own", async () => {
    const { requests, services } = server();
    await call(
      {
        method: "PUT",
        bodyKind: "json",
        headers: { "Content-Type": "application/merge-patch+json", "Idempotency-Key": "mine", "X-None": null, "X-N": 1 },
      },
      services,
    );
    expect(requests[0]?.headers).toEqual({ "content-type": "application/merge-patch+json", "idempotency-key": "mine", "x-n": "1" });
  });

  it("no idempotency key for methods that change nothing", async () => {
    const { requests, services } = server();
    await call({}, services);
    expect(requests[0]).toMatchObject({ method: "GET", headers: {}, timeoutMs: 30_000, maxRedirects: 5 });
  });

  it.each<[string, Record<string, unknown>, string]>([
    ["an address that is none", { url: "orders" }, "param_invalid"],
    ["no address", { url: "" }, "param_invalid"],
    ["a file", { url: "file:///etc/passwd" }, "http_blocked"],
    ["a password in the address", { url: "https://user:pass@example.com" }, "http_blocked"],
    ["a user name in the address", { url: "https://user@example.com" }, "http_blocked"],
    ["a line break in a header", { headers: { "x-a": "1\r\nx-b: 2" } }, "param_invalid"],
    ["a header that is none", { headers: { "x a": "1" } }, "param_invalid"],
    ["a header of the connection", { headers: { Host: "evil.example" } }, "param_invalid"],
    ["a body on GET", { bodyKind: "json", json: {} }, "param_invalid"],
  ])("nothing with %s", async (_name, params, code) => {
    const { requests, services } = server();
    await expect(call(params, services)).rejects.toMatchObject({ code });
    expect(requests).toEqual([]);
  });
});

describe("http-request reads", () => {
  it.each<[string, Partial<HttpResponse> & { text?: string }, string, unknown]>([
    ["JSON", { text: '{"a":[1]}' }, "auto", { a: [1] }],
    ["JSON of a kind", { text: "[1]", headers: { "content-type": "application/problem+json; charset=utf-8" } }, "auto", [1]],
    ["broken JSON as text", { text: "{" }, "auto", "{"],
    ["text", { text: "hi", headers: { "content-type": "text/html" } }, "auto", "hi"],
    ["text in another encoding", { body: Uint8Array.of(0xe9), headers: { "content-type": "text/plain; charset=latin1" } }, "auto", "é"],
    ["text in an encoding that nobody knows", { text: "a", headers: { "content-type": "text/plain; charset=klingon" } }, "auto", "a"],
    ["no content type as text", { text: "hi", headers: {} }, "auto", "hi"],
    ["a picture as base64", { body: Uint8Array.of(1, 2, 255), headers: { "content-type": "image/png" } }, "auto", "AQL/"],
    ["nothing", { body: new Uint8Array(), status: 204 }, "json", null],
    ["JSON as text, when told to", { text: "{}" }, "text", "{}"],
    ["text as JSON, when told to", { text: "7", headers: { "content-type": "text/plain" } }, "json", 7],
  ])("%s", async (_name, answer, responseKind, body) => {
    const { services } = server(answer);
    expect((await call({ responseKind }, services)).output).toMatchObject({ ok: true, body });
  });

  it("status, headers in lower case, and the address after redirects", async () => {
    const { services } = server({ status: 201, headers: { "X-Id": "7" }, url: "https://api.example.com/orders/7", text: "" });
    expect((await call({}, services)).output).toEqual({
      status: 201,
      ok: true,
      headers: { "x-id": "7" },
      body: null,
      url: "https://api.example.com/orders/7",
    });
  });

  it("refuses text where JSON was wanted", async () => {
    const { services } = server({ text: "<html>" });
    await expect(call({ responseKind: "json" }, services)).rejects.toMatchObject({ code: "output_invalid" });
  });
});

describe("http-request fails", () => {
  it.each<[number, boolean]>([
    [400, false],
    [401, false],
    [404, false],
    [408, true],
    [409, true],
    [410, false],
    [425, true],
    [429, true],
    [500, true],
    [503, true],
  ])("on status %i, to be tried again: %s", async (status, retryable) => {
    const { services } = server({ status, text: '{"error":"why"}' });
    await expect(call({ responseKind: "json" }, services)).rejects.toMatchObject({
      code: "http_status",
      message: `api.example.com answered with status ${status}.`,
      retryable,
      details: { status, body: '{"error":"why"}' },
    });
  });

  it.each<[Record<string, string>, number | undefined]>([
    [{ "Retry-After": "7" }, 7_000],
    [{ "Retry-After": "Sun, 06 Nov 1994 08:49:40 GMT", Date: "Sun, 06 Nov 1994 08:49:37 GMT" }, 3_000],
    [{ "Retry-After": "Sun, 06 Nov 1994 08:49:30 GMT", Date: "Sun, 06 Nov 1994 08:49:37 GMT" }, 0],
    [{ "Retry-After": "soon" }, undefined],
    [{}, undefined],
  ])("with %j to be tried again after %j ms", async (headers, retryAfterMs) => {
    const { services } = server({ status: 429, headers });
    await expect(call({}, services)).rejects.toMatchObject({ retryAfterMs });
  });

  it("with the status, when an error page comes instead of JSON", async () => {
    const { services } = server({ status: 500, text: "<html>" });
    await expect(call({ responseKind: "json" }, services)).rejects.toMatchObject({ code: "http_status", details: { body: "<html>" } });
  });

  it("not, when told to go on", async () => {
    const { services } = server({ status: 404, text: '{"error":"no"}' });
    expect((await call({ failOnError: false }, services)).output).toMatchObject({ status: 404, ok: false, body: { error: "no" } });
  });

  it("with the port's own errors", async () => {
    const services = { http: { request: () => Promise.reject(new HeddleError("http_blocked", "Private.")) } };
    await expect(call({}, services)).rejects.toMatchObject({ code: "http_blocked" });
  });
});

describe("http-request with a credential", () => {
  const bearer: ResolvedCredential = { id: "c", type: "http-bearer", fields: { token: "canary-token" }, allowedHosts: ["api.example.com"] };

  it.each<[string, ResolvedCredential, Record<string, string>]>([
    ["a token", bearer, { authorization: "Bearer canary-token" }],
    [
      "a user and password",
      { ...bearer, type: "http-basic", fields: { username: "Ünal", password: "pass:word" } },
      { authorization: "Basic w5xuYWw6cGFzczp3b3Jk" },
    ],
    ["a secret header", { ...bearer, type: "http-header", fields: { header: "X-Api-Key", value: "canary" } }, { "x-api-key": "canary" }],
  ])("signs in with %s, whatever the headers say, and follows no redirects", async (_name, credential, headers) => {
    const { requests, services } = server({}, credential);
    await call({ credential: "c", headers: { Authorization: "none", "X-Api-Key": "none" } }, services);
    expect(requests[0]?.headers).toMatchObject(headers);
    expect(requests[0]?.maxRedirects).toBe(0);
  });

  it.each<[string, string, boolean]>([
    ["api.example.com", "https://api.example.com/a", true],
    ["API.example.com", "https://API.example.com/a", true],
    ["api.example.com:443", "https://api.example.com/a", true],
    ["api.example.com:8443", "https://api.example.com/a", false],
    ["*.example.com", "https://api.example.com/a", true],
    ["*.example.com", "https://example.com/a", false],
    ["*.example.com", "https://evilexample.com/a", false],
    ["example.com", "https://example.com.evil.test/a", false],
    ["example.com", "https://evil.test/?example.com", false],
    ["example.com", "https://evil.test\\@example.com/", false],
    ["*", "https://example.com/a", false],
    ["", "https://example.com/a", false],
  ])("bound to %j is sent to %s: %s", async (host, url, isSent) => {
    const { requests, services } = server({}, { ...bearer, allowedHosts: [host] });
    const outcome = await call({ url, credential: "c" }, services).catch((error: unknown) => error);
    expect(requests).toHaveLength(isSent ? 1 : 0);
    if (!isSent) expect(outcome).toMatchObject({ code: "http_blocked" });
  });

  it("is not sent anywhere when it has no hosts, or is of another kind", async () => {
    const none = server({}, { ...bearer, allowedHosts: [] });
    await expect(call({ credential: "c" }, none.services)).rejects.toMatchObject({ code: "http_blocked" });
    const model = server({}, { ...bearer, type: "openai" });
    await expect(call({ credential: "c" }, model.services)).rejects.toMatchObject({ code: "param_invalid" });
    expect([...none.requests, ...model.requests]).toEqual([]);
  });

  it("blots the secret out where the server echoes it", async () => {
    const echo = {
      text: '{"headers":{"Authorization":"Bearer canary-token"},"canary-token":["canary-token"]}',
      headers: { "content-type": "application/json", "x-echo": "canary-token" },
    };
    const { services } = server(echo, bearer);
    expect(JSON.stringify((await call({ credential: "c" }, services)).output)).not.toContain("canary");
    const failing = server({ ...echo, status: 500 }, bearer);
    const error = await call({ credential: "c" }, failing.services).catch((caught: unknown) => caught as HeddleError);
    expect(JSON.stringify((error as HeddleError).details)).not.toContain("canary");
  });

  it("explains a redirect that it did not follow", async () => {
    const { services } = server({ status: 302, headers: { Location: "https://elsewhere.example/" } }, bearer);
    await expect(call({ credential: "c" }, services)).rejects.toMatchObject({
      code: "http_status",
      retryable: false,
      details: { location: "https://elsewhere.example/" },
    });
  });

  it("says when it is gone", async () => {
    const { services } = server();
    const gone = { ...services, credentials: { resolve: () => Promise.reject(new HeddleError("not_found", "Gone.")) } };
    await expect(call({ credential: "c" }, gone)).rejects.toMatchObject({ code: "not_found" });
  });
});
