import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createTestApi, type RegisteredPerson, type TestApi } from "@heddle/testing/test-api";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createExecuteLane, type ExecuteLane } from "./execute-lane.ts";
import { type PlainConnections, servePlainConnections } from "./plain-connections.ts";

let test: TestApi;
let alice: RegisteredPerson;
const servers: Server[] = [];
let origin: string;
let byNode: string;
let byPlain: string;
let path: string;
let keys: Record<"write" | "read", string>;

/** What the server says of a request that the lane left alone. */
const PASSED_ON = 418;
/** Connections that were passed on stay where they are; the next request shall have a new one. */
const LAST = { connection: "close" };

beforeAll(async () => {
  test = await createTestApi();
  alice = await test.register();
  keys = { write: (await test.createKey(alice, ["write"])).key, read: (await test.createKey(alice, ["read"])).key };
  path = await deploy({
    nodes: [
      { id: "start", type: "api-trigger", name: "Call" },
      {
        id: "answer",
        type: "reply",
        name: "Reply",
        params: { mode: "json", json: { got: "{{ input }}", conversation: "{{ run.conversationId }}" } },
      },
    ],
    edges: [{ id: "e", source: { node: "start" }, target: { node: "answer" } }],
  });
  const lane = createExecuteLane(test.options);
  byNode = await serve((incoming, outgoing) => {
    if (!lane.take(incoming, outgoing)) outgoing.writeHead(PASSED_ON, LAST).end();
  });
  byPlain = await serve((_incoming, outgoing) => outgoing.writeHead(PASSED_ON, LAST).end(), lane);
  // The lane knows only keys that were used lately.
  for (const key of Object.values(keys)) await test.call("POST", path, { as: { key }, body: {} });
});
afterAll(async () => {
  for (const server of servers) server.closeAllConnections();
  for (const connections of plain) connections.close();
  for (const server of servers) server.close();
  await test.close();
});

const plain: PlainConnections[] = [];

async function serve(listener: RequestListener, lane?: ExecuteLane): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  if (lane) plain.push(servePlainConnections(server, lane));
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function deploy(config: object): Promise<string> {
  const created = await test.call("POST", `/api/workspaces/${alice.workspaceId}/agents`, { as: alice.as, body: { name: "Echo", config } });
  const { id } = (await created.json()) as { id: string };
  const deployed = await test.call("POST", `/api/agents/${id}/deploy`, { as: alice.as, body: {} });
  return `/api/deployments/${((await deployed.json()) as { id: string }).id}/execute`;
}

const send = (body: string, headers: Record<string, string> = {}, to = path): Promise<Response> =>
  fetch(`${origin}${to}`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${keys.write}`, ...headers },
    body,
  });

/** The same request by the route. */
async function sendLong(body: string, to = path): Promise<Response> {
  const headers = {
    "content-type": "application/json",
    authorization: `Bearer ${keys.write}`,
    "content-length": String(Buffer.byteLength(body)),
  };
  const request = new Request(`http://localhost:3000${to}`, { method: "POST", headers, body });
  return await test.api.fetch(request, { incoming: { socket: { remoteAddress: "127.0.0.1" } } });
}

/** The parts of an answer that do not differ from one run to the next. */
async function essence(response: Response): Promise<object> {
  const body = (await response.json()) as Record<string, unknown>;
  for (const name of ["executionId", "latency", "instance"]) if (name in body) body[name] = typeof body[name];
  const headers = ["content-type", "cache-control", "x-content-type-options", "retry-after"].map((name) => response.headers.get(name));
  return { status: response.status, body, headers, hasId: response.headers.has("x-request-id") };
}

describe.each(["by Node's server", "by plain connections"])("the short way %s", (kind) => {
  beforeEach(() => {
    origin = kind === "by Node's server" ? byNode : byPlain;
  });

  it.each([
    ["an input", '{"input":{"name":"Ada"}}'],
    ["no input", "{}"],
    ["an empty body", ""],
    ["null", '{"input":null}'],
    ["a conversation", '{"input":1,"conversationId":"c-1"}'],
    ["more than is asked for", '{"input":1,"document":{"nodes":[]},"version":99}'],
    ["a key that would change a prototype", '{"input":{"__proto__":{"x":1},"a":1}}'],
    ["a list", "[1]"],
    ["a text", '"hello"'],
    ["a conversation that is no text", '{"conversationId":7}'],
    ["a conversation with control characters", '{"conversationId":"a\\u001fb"}'],
    ["half a body", '{"input":'],
    ["a body that nests too deeply", `{"input":${"[".repeat(300)}${"]".repeat(300)}}`],
  ])("answers %s as the route does", async (_name, body) => {
    expect(await essence(await send(body))).toEqual(await essence(await sendLong(body)));
  });

  it("answers a run that fails with its problem, and one that nobody may see with 404", async () => {
    const failing = await deploy({
      nodes: [
        { id: "start", type: "api-trigger", name: "Call" },
        { id: "check", type: "validate", name: "Check", params: { value: "{{ input }}", schema: { type: "object", required: ["x"] } } },
      ],
      edges: [{ id: "e", source: { node: "start" }, target: { node: "check" } }],
    });
    const body = '{"input":{}}';
    for (const to of [failing, "/api/deployments/0190b4d3-0000-7000-8000-000000000000/execute"]) {
      expect(await essence(await send(body, {}, to))).toEqual(await essence(await sendLong(body, to)));
    }
  });

  it("runs and records like any other call", async () => {
    const { executionId, output } = (await (await send('{"input":"x"}')).json()) as { executionId: string; output: unknown };
    expect(output).toEqual({ got: "x", conversation: null });
    const execution = await test.call("GET", `/api/executions/${executionId}`, { as: alice.as });
    expect(await execution.json()).toMatchObject({ status: "COMPLETED", trigger: "api", input: "x" });
  });

  it("keeps bodies to their limit, to the byte", async () => {
    const filled = (bytes: number): string => `{"input":"${"x".repeat(bytes - 12)}"}`;
    // A body of this size comes in pieces, which plain connections leave to Node.
    expect((await send(filled(1024 * 1024))).status).toBe(origin === byNode ? 200 : PASSED_ON);
    expect((await send(filled(1024 * 1024 + 1))).status).toBe(PASSED_ON);
  });
});

describe.each(["by Node's server", "by plain connections"])("the long way is left %s", (kind) => {
  beforeEach(() => {
    origin = kind === "by Node's server" ? byNode : byPlain;
  });

  it.each<[string, Record<string, string>, string?]>([
    ["an unknown key", { authorization: "Bearer hdl_unknown" }],
    ["no key", { authorization: "" }],
    ["another scheme", { authorization: "Basic abc" }],
    ["an idempotency key", { "idempotency-key": "k" }],
    ["a stream", { accept: "text/event-stream" }],
    ["another type of body", { "content-type": "text/plain" }],
    ["a question mark", {}, "?async=1"],
    ["a path in disguise", {}, "/"],
  ])("what comes with %s", async (_name, headers, suffix = "") => {
    expect((await send("{}", headers, `${path}${suffix}`)).status).toBe(PASSED_ON);
  });

  it("a key whose scopes do not allow it, and one that was revoked, at once", async () => {
    expect((await send("{}", { authorization: `Bearer ${keys.read}` })).status).toBe(PASSED_ON);
    const made = await test.call("POST", `/api/workspaces/${alice.workspaceId}/api-keys`, {
      as: alice.as,
      body: { name: "short", scopes: ["write"] },
    });
    const { id, key } = (await made.json()) as { id: string; key: string };
    await test.call("POST", path, { as: { key }, body: {} });
    expect((await send("{}", { authorization: `Bearer ${key}` })).status).toBe(200);
    await test.call("DELETE", `/api/workspaces/${alice.workspaceId}/api-keys/${id}`, { as: alice.as });
    await expect.poll(async () => (await send("{}", { authorization: `Bearer ${key}` })).status).toBe(PASSED_ON);
  });
});
