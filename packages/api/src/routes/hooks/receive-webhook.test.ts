import { createHmac } from "node:crypto";
import { createTestApi, TEST_ORIGIN, type RegisteredPerson, type TestApi } from "@heddle/testing/test-api";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const secret = "a secret that both know";
let test: TestApi;
let owner: RegisteredPerson;
let credential: string;
beforeAll(async () => {
  test = await createTestApi();
  owner = await test.register();
  credential = await create(`/api/workspaces/${owner.workspaceId}/credentials`, {
    name: "Hook",
    type: "webhook-secret",
    fields: { secret },
  });
});
afterAll(async () => {
  expect(test.errors).toEqual([]);
  await test.close();
});

async function create(path: string, body: unknown): Promise<string> {
  const response = await test.call("POST", path, { as: owner.as, body });
  expect(response.ok, await response.clone().text()).toBe(true);
  return ((await response.json()) as { id: string }).id;
}

/** Deploys an agent with these webhook triggers, which answers with what each was sent. */
async function deploy(...webhooks: Record<string, unknown>[]): Promise<string> {
  const triggers = webhooks.map((params, index) => ({
    id: `hook${index}`,
    type: "webhook-trigger",
    name: `Hook ${index}`,
    params: { verification: "none", ...params },
  }));
  const replies = webhooks.map((_, index) => ({
    id: `reply${index}`,
    type: "reply",
    name: "Reply",
    params: {
      mode: "json",
      json: { trigger: index, body: `{{ hook${index}.output.body }}`, headers: `{{ hook${index}.output.headers }}` },
    },
  }));
  const edges = webhooks.map((_, index) => ({ id: `e${index}`, source: { node: `hook${index}` }, target: { node: `reply${index}` } }));
  const config = { nodes: [...triggers, ...replies], edges };
  const agent = await create(`/api/workspaces/${owner.workspaceId}/agents`, { name: `Receiver ${crypto.randomUUID()}`, config });
  return await create(`/api/agents/${agent}/deploy`, {});
}

interface Sent {
  method?: string;
  body?: string | Uint8Array<ArrayBuffer>;
  type?: string;
  headers?: Record<string, string>;
}
function send(address: string, { method = "POST", body, type = "application/json", headers = {} }: Sent = {}): Promise<Response> {
  const request = new Request(`${TEST_ORIGIN}/api/hooks/${address}`, {
    method,
    headers: { host: "localhost:3000", ...(body === undefined ? {} : { "content-type": type }), ...headers },
    body: body ?? null,
  });
  return Promise.resolve(test.api.fetch(request, { incoming: { socket: { remoteAddress: "127.0.0.1" } } }));
}

/** The output of an execution that was accepted, once there is one. */
async function outputOf(answer: Response): Promise<{ trigger: number; body: unknown; headers: Record<string, string> }> {
  expect(answer.status, await answer.clone().text()).toBe(202);
  const { executionId } = (await answer.json()) as { executionId: string };
  const read = async () => (await (await test.call("GET", `/api/executions/${executionId}`, { as: owner.as })).json()) as Execution;
  await expect.poll(async () => (await read()).status, { timeout: 10_000 }).toBe("COMPLETED");
  return (await read()).output;
}
interface Execution {
  status: string;
  output: { trigger: number; body: unknown; headers: Record<string, string> };
}
const idOf = async (answer: Response) => ((await answer.json()) as { executionId: string }).executionId;
const countRuns = async (deployment: string) => {
  const { rows } = await test.database.asOwner((client) =>
    client.query<{ n: number }>("SELECT count(*)::int AS n FROM executions WHERE deployment_id = $1", [deployment]),
  );
  return rows[0]?.n;
};

describe("an agent's webhooks", () => {
  it("stand at paths of their own and take methods of their own", async () => {
    const id = await deploy(
      {},
      { path: "orders", method: "PUT" },
      { path: "orders", method: "DELETE" },
      { path: "shop/paid", method: "any" },
    );
    expect((await outputOf(await send(id, { body: "{}" }))).trigger).toBe(0);
    expect((await outputOf(await send(`${id}/orders`, { method: "PUT", body: "{}" }))).trigger).toBe(1);
    expect((await outputOf(await send(`${id}/orders`, { method: "DELETE" }))).trigger).toBe(2);
    expect((await outputOf(await send(`${id}/shop/paid?a=1`, { method: "GET" }))).trigger).toBe(3);
    expect((await outputOf(await send(`${id}/shop/paid`, { method: "PATCH", body: "{}" }))).trigger).toBe(3);
  });

  it("say which methods they take, and nothing of paths that they don't have", async () => {
    const id = await deploy({ path: "orders", method: "several", methods: ["PUT", "PATCH"] });
    const refused = await send(`${id}/orders`, { body: "{}" });
    expect([refused.status, refused.headers.get("allow"), refused.headers.get("content-type")]).toEqual([
      405,
      "PUT, PATCH",
      "application/problem+json",
    ]);
    for (const address of [id, `${id}/Orders`, `${id}/orders/1`, crypto.randomUUID()]) expect((await send(address)).status).toBe(404);
  });

  it("are not there while the deployment is switched off", async () => {
    const id = await deploy({});
    await test.call("PUT", `/api/deployments/${id}`, { as: owner.as, body: { status: "INACTIVE" } });
    await expect.poll(async () => (await send(id)).status).toBe(404);
  });
});

describe("what arrives", () => {
  it.each<[string, Sent, unknown]>([
    ["JSON", { body: '{"a":[1]}', type: "application/json; charset=utf-8" }, { a: [1] }],
    ["JSON of a kind", { body: "[1]", type: "application/vnd.shop+json" }, [1]],
    ["a form", { body: "a=1&b=x+y&b=%C3%A9&__proto__=1", type: "application/x-www-form-urlencoded" }, { a: "1", b: ["x y", "é"] }],
    ["text", { body: "plain {{ 7 * 7 }}", type: "text/plain" }, "plain {{ 7 * 7 }}"],
    ["nothing", {}, ""],
  ])("is passed on as data where it is %s", async (_, sent, body) => {
    const id = await deploy({ method: "any" });
    expect((await outputOf(await send(id, sent))).body).toEqual(body);
  });

  it.each<[string, Sent, number]>([
    ["no JSON", { body: "{" }, 400],
    ["no text", { body: new Uint8Array([0xff, 0xfe]), type: "text/plain" }, 415],
    ["larger than 1 MiB", { body: "x".repeat(1024 * 1024 + 1), type: "text/plain" }, 413],
  ])("is refused where it is %s", async (_, sent, status) => {
    const id = await deploy({});
    expect((await send(id, sent)).status).toBe(status);
    expect(await countRuns(id)).toBe(0);
  });

  it("may have 1 MiB", async () => {
    const id = await deploy({ respond: "finished", responseBody: "ok" });
    expect((await send(id, { body: "x".repeat(1024 * 1024), type: "text/plain" })).status).toBeLessThan(300);
  });

  it("loses what proves its sender", async () => {
    const id = await deploy({ verification: "secret", credential, secretHeader: "x-token" });
    const headers = { "x-token": secret, cookie: "a=b", authorization: "Basic eA==", "x-event": "paid" };
    const kept = (await outputOf(await send(id, { headers }))).headers;
    expect(kept).toMatchObject({ "x-event": "paid" });
    expect(Object.keys(kept).filter((name) => ["x-token", "cookie", "authorization"].includes(name))).toEqual([]);
  });
});

describe("an event", () => {
  const signed = (body: string, at = Date.now(), id = "msg_1", by = secret): Sent => {
    const timestamp = String(Math.floor(at / 1_000));
    const signature = `v1,${createHmac("sha256", by).update(`${id}.${timestamp}.${body}`).digest("base64")}`;
    return { body, headers: { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signature } };
  };

  it("that is forged or stale starts nothing", async () => {
    const id = await deploy({ verification: "signature", credential });
    for (const sent of [signed("{}", Date.now(), "msg_1", "guess"), signed("{}", Date.now() - 301_000), { body: "{}" }])
      expect((await send(id, sent)).status).toBe(401);
    expect(await countRuns(id)).toBe(0);
  });

  it("is run once, however often and however fast it comes again", async () => {
    const id = await deploy({ verification: "signature", credential });
    const first = signed('{"n":1}');
    const answers = await Promise.all(Array.from({ length: 20 }, () => send(id, first)));
    const again = await send(id, signed('{"n":1}', Date.now() + 60_000));
    const ids = new Set(await Promise.all([...answers, again].map(idOf)));
    expect(ids.size).toBe(1);
    expect(await countRuns(id)).toBe(1);
    expect(await idOf(await send(id, signed('{"n":1}', Date.now(), "msg_2")))).not.toBe([...ids][0]);
  });

  it("is known by what the trigger calls its id, for 72 hours", async () => {
    const id = await deploy({ deduplicateBy: "{{ input.body.order.id }}" });
    const order = (n: unknown, note: string) => send(id, { body: JSON.stringify({ order: { id: n }, note }) });
    const ids = await Promise.all([await order(7, "a"), await order(7, "b"), await order("x".repeat(5_000), "c")].map(idOf));
    expect([ids[0] === ids[1], ids[0] === ids[2]]).toEqual([true, false]);
    const { rows } = await test.database.asOwner((client) =>
      client.query<{ hours: number }>(
        "SELECT round(extract(epoch FROM expires_at - created_at) / 3600)::int AS hours FROM idempotency_records WHERE scope LIKE $1",
        [`webhook:${id}%`],
      ),
    );
    expect(rows.map((row) => row.hours)).toEqual([72, 72]);
  });

  it("without an id is run each time", async () => {
    const id = await deploy({ deduplicateBy: "{{ input.body.id }}" });
    expect(await idOf(await send(id, { body: "{}" }))).not.toBe(await idOf(await send(id, { body: "{}" })));
  });

  it("at one webhook says nothing of those at another", async () => {
    const id = await deploy({ deduplicateBy: "{{ input.body.id }}" }, { path: "two", deduplicateBy: "{{ input.body.id }}" });
    const body = '{"id":"same"}';
    expect(await idOf(await send(id, { body }))).not.toBe(await idOf(await send(`${id}/two`, { body })));
  });
});

describe("the answer", () => {
  it("is the run's output where the sender waits for it", async () => {
    const id = await deploy({ respond: "finished" });
    const answer = await send(id, { body: '{"a":1}' });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe("application/json");
    expect(await answer.json()).toMatchObject({ trigger: 0, body: { a: 1 } });
  });

  it("is what the trigger says, of event and output", async () => {
    const id = await deploy({
      respond: "finished",
      responseStatus: "{{ input.body.status }}",
      responseBody: { for: "{{ input.body.id }}", by: "{{ output.trigger }}" },
      responseHeaders: { "X-Shop": "{{ input.body.id }}", "Content-Type": "application/vnd.shop+json" },
    });
    const answer = await send(id, { body: '{"id":"o7","status":201}' });
    expect([answer.status, answer.headers.get("x-shop"), answer.headers.get("content-type")]).toEqual([
      201,
      "o7",
      "application/vnd.shop+json",
    ]);
    expect(await answer.json()).toEqual({ for: "o7", by: 0 });
  });

  it("may have another status at once, before there is an output", async () => {
    const id = await deploy({ responseStatus: 200 });
    const answer = await send(id, { body: "{}" });
    expect([answer.status, Object.keys((await answer.json()) as object)]).toEqual([200, ["executionId"]]);
  });

  it("has no body where its status has none", async () => {
    const answer = await send(await deploy({ responseStatus: 204 }), { body: "{}" });
    expect([answer.status, await answer.text()]).toEqual([204, ""]);
  });

  it("sets nothing that a browser or a proxy acts on", async () => {
    const dangerous = ["Set-Cookie", "Location", "Refresh", "Content-Security-Policy", "Access-Control-Allow-Origin", "Clear-Site-Data"];
    const sneaky = ["Transfer-Encoding", "Content-Length", "X-Accel-Redirect", "X-Sendfile", "X-Frame-Options", "WWW-Authenticate"];
    const id = await deploy({
      respond: "finished",
      responseStatus: 302,
      responseHeaders: {
        ...Object.fromEntries([...dangerous, ...sneaky].map((name) => [name, "https://evil.example"])),
        "X-A": "a\r\nSet-Cookie: b=c",
      },
    });
    const answer = await send(id, { body: "{}" });
    expect(
      [...dangerous, ...sneaky, "X-A"].filter(
        (name) => answer.headers.get(name)?.includes("evil") || (name === "X-A" && answer.headers.has(name)),
      ),
    ).toEqual([]);
    expect(answer.headers.get("set-cookie")).toBeNull();
  });

  it.each([
    ["text/html", "<script>alert(1)</script>"],
    ["image/svg+xml", "<svg onload='alert(1)'/>"],
    ["TEXT/HTML ;charset=utf-8", "<b>"],
    ["application/xml", "<x/>"],
  ])("of type %s is a file that a browser neither shows nor runs", async (type, responseBody) => {
    const id = await deploy({ respond: "finished", responseBody, responseHeaders: { "Content-Type": type } });
    const { headers } = await send(id, { body: "{}" });
    expect([headers.get("content-disposition"), headers.get("x-content-type-options"), headers.get("content-security-policy")]).toEqual([
      "attachment",
      "nosniff",
      "sandbox; default-src 'none'",
    ]);
  });

  it("says why where the run failed", async () => {
    const id = await deploy({ respond: "finished", bodySchema: { type: "object", required: ["id"] } });
    const answer = await send(id, { body: "{}" });
    expect([answer.status, answer.headers.get("content-type")]).toEqual([422, "application/problem+json"]);
    expect(await answer.json()).toMatchObject({ code: "input_invalid", executionId: expect.any(String) });
  });
});

describe("a handshake", () => {
  it("of Meta's kind is answered where the token is the secret", async () => {
    const id = await deploy({ verification: "github", credential, path: "meta" });
    const ask = (token: string) =>
      send(`${id}/meta?hub.mode=subscribe&hub.verify_token=${encodeURIComponent(token)}&hub.challenge=%3Cb%3E42`, { method: "GET" });
    const answer = await ask(secret);
    expect([answer.status, await answer.text(), answer.headers.get("content-type")]).toEqual([200, "<b>42", "text/plain; charset=utf-8"]);
    expect((await ask("guess")).status).toBe(401);
    expect(await countRuns(id)).toBe(0);
  });

  it("of Slack's kind is answered where it is signed", async () => {
    const id = await deploy({ verification: "slack", credential });
    const body = JSON.stringify({ type: "url_verification", challenge: "3eZbrw" });
    const timestamp = String(Math.floor(Date.now() / 1_000));
    const sign = (by: string) => `v0=${createHmac("sha256", by).update(`v0:${timestamp}:${body}`).digest("hex")}`;
    const ask = (by: string) => send(id, { body, headers: { "x-slack-request-timestamp": timestamp, "x-slack-signature": sign(by) } });
    expect(await (await ask(secret)).text()).toBe("3eZbrw");
    expect((await ask("guess")).status).toBe(401);
    expect(await countRuns(id)).toBe(0);
  });
});
