import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTestDatabase, type TestDatabase } from "@heddle/testing/database";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { readConfig } from "./config.ts";
import { createLogger } from "./logger.ts";
import { startServer, type RunningServer } from "./start-server.ts";

let database: TestDatabase;
let server: RunningServer;
let cookie: string;
let base: string;
beforeAll(async () => {
  database = await createTestDatabase();
  const dataDir = await mkdtemp(join(tmpdir(), "heddle-server-"));
  const config = readConfig({ PORT: "0", HOST: "127.0.0.1", HEDDLE_DATA_DIR: dataDir, DATABASE_URL: database.urls.owner });
  server = await startServer({ config: { ...config, port: 0 }, logger: createLogger("silent") });
  base = `http://127.0.0.1:${server.port}`;
  const response = await send("POST", "/api/auth/register", { email: "ada@example.com", password: "a long enough password", name: "Ada" });
  cookie = response.headers
    .getSetCookie()
    .map((line) => line.split(";")[0])
    .join("; ");
});
afterAll(async () => {
  await server.stop(1_000);
  await database.close();
});

const send = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
  fetch(base + path, {
    method,
    headers: {
      ...(cookie === undefined ? {} : { cookie }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

const slow = {
  nodes: [
    { id: "start", type: "api-trigger", name: "Call" },
    {
      id: "think",
      type: "code",
      name: "Think",
      params: { language: "javascript", source: "let n = 0; for (let i = 0; i < 3e6; i++) n += i; return n" },
    },
    { id: "answer", type: "reply", name: "Reply", params: { mode: "text", text: "done" } },
  ],
  edges: [
    { id: "1", source: { node: "start" }, target: { node: "think" } },
    { id: "2", source: { node: "think" }, target: { node: "answer" } },
  ],
};

async function createAgent(): Promise<string> {
  const { items } = (await (await send("GET", "/api/workspaces")).json()) as { items: { id: string }[] };
  const agent = (await (await send("POST", `/api/workspaces/${items[0]?.id}/agents`, { name: "Slow", config: slow })).json()) as {
    id: string;
  };
  return agent.id;
}

describe("a running server", () => {
  it("tells whether it is alive and ready, and describes itself", async () => {
    expect(await (await fetch(`${base}/api/health`)).json()).toMatchObject({ status: "ok" });
    expect(await (await fetch(`${base}/api/ready`)).json()).toEqual({ status: "ready" });
    const document = (await (await fetch(`${base}/api/openapi.json`)).json()) as {
      openapi: string;
      paths: Record<string, Record<string, { "x-permission"?: string }>>;
    };
    expect(document.openapi).toBe("3.1.0");
    expect(document.paths["/api/deployments/{id}/execute"]?.["post"]).toMatchObject({ "x-permission": "execute" });
  });

  it("sees through the disguises of API paths, by the path as it was sent", async () => {
    for (const path of ["/API/workspaces", "//api/workspaces", "/api%2fworkspaces", "/x/%2e%2e/api/workspaces"])
      expect([path, (await fetch(base + path)).status]).toEqual([path, 401]);
  });

  it("refuses a file of 50 MB without reading it to its end", async () => {
    const { items } = (await (await send("GET", "/api/workspaces")).json()) as { items: { id: string }[] };
    let read = 0;
    const body = new ReadableStream({
      pull(controller) {
        read += 1024 * 1024;
        controller.enqueue(
          read === 1024 * 1024
            ? new TextEncoder().encode('--b\r\ncontent-disposition: form-data; name="file"; filename="big.csv"\r\n\r\n')
            : new Uint8Array(1024 * 1024),
        );
        if (read > 60 * 1024 * 1024) controller.close();
      },
    });
    const response = await fetch(`${base}/api/workspaces/${items[0]?.id}/datasets`, {
      method: "POST",
      headers: { cookie, "content-type": "multipart/form-data; boundary=b" },
      body,
      duplex: "half",
    } as RequestInit);
    expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([413, "payload_too_large"]);
    expect(read).toBeLessThan(45 * 1024 * 1024);
  });

  it("streams a run's events and ends with its result", async () => {
    const agent = await createAgent();
    const response = await send("POST", `/api/agents/${agent}/test`, { input: {} }, { accept: "text/event-stream" });
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    const [retry, ...events] = (await response.text()).trim().split("\n\n");
    expect(retry).toBe("retry: 1000");
    expect(events[0]).toMatch(/^id: 1\nevent: agent.execution.started\n/);
    expect(events.at(-1)).toContain('"status":"COMPLETED","output":"done"');
    const executionId = response.headers.get("x-execution-id") ?? "";
    expect(await (await send("GET", `/api/executions/${executionId}`)).json()).toMatchObject({
      status: "COMPLETED",
      output: "done",
      trigger: "test",
    });
  });

  it("tells subscribers over WebSocket, and only those who may know", async () => {
    const agent = await createAgent();
    const socket = new WebSocket(base.replace("http", "ws") + "/api/ws", { headers: { cookie } });
    const heard: { type: string; data?: { executionId: string } }[] = [];
    socket.on("message", (data) => heard.push(JSON.parse(String(data)) as { type: string }));
    await new Promise((resolve) => socket.once("open", resolve));
    socket.send(JSON.stringify({ type: "subscribe", agentId: agent }));
    socket.send(JSON.stringify({ type: "subscribe", executionId: "0190b4d3-0000-7000-8000-000000000000" }));
    socket.send("not json");
    await expect.poll(() => heard.map((message) => message.type).toSorted()).toEqual(["error", "error", "subscribed"]);
    const { executionId } = (await (await send("POST", `/api/agents/${agent}/test?async=1`, { input: {} })).json()) as {
      executionId: string;
    };
    await expect.poll(() => heard.at(-1)?.type, { timeout: 10_000 }).toBe("agent.execution.completed");
    expect(heard.at(-1)?.data?.executionId).toBe(executionId);
    socket.close();

    const refused = (headers: Record<string, string>) =>
      new Promise((resolve) => {
        new WebSocket(base.replace("http", "ws") + "/api/ws", { headers })
          .once("unexpected-response", (_, response) => resolve(response.statusCode))
          .once("error", () => {});
      });
    expect(await refused({})).toBe(401);
    expect(await refused({ cookie, origin: "https://evil.example" })).toBe(403);
  });

  it("answers 503 soon while the database is away, and recovers by itself", async () => {
    const name = new URL(database.urls.owner).pathname.slice(1);
    const admin = new URL(database.urls.owner);
    admin.pathname = "/postgres";
    const { Client } = await import("pg");
    const client = new Client({ connectionString: admin.href });
    await client.connect();
    try {
      await client.query(`ALTER DATABASE "${name}" ALLOW_CONNECTIONS false`);
      await client.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", [name]);
      const begun = performance.now();
      const response = await fetch(`${base}/api/ready`);
      expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([503, "unavailable"]);
      expect(performance.now() - begun).toBeLessThan(2_000);
      expect((await fetch(`${base}/api/health`)).status).toBe(200);
    } finally {
      await client.query(`ALTER DATABASE "${name}" ALLOW_CONNECTIONS true`);
      await client.end();
    }
    await expect.poll(async () => (await fetch(`${base}/api/ready`)).status, { timeout: 10_000 }).toBe(200);
    expect((await send("GET", "/api/workspaces")).status).toBe(200);
  });
});
