import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ExecutionResult } from "@heddle/schema";
import { startTestServer, TEMPLATE, type TestServer } from "@heddle/testing/database-server";
import { type HeddleProcess, startHeddle } from "@heddle/testing/heddle-process";
import { type RedisServer, startRedis } from "@heddle/testing/redis-server";
import type { ModelServer } from "@heddle/testing/servers/model-server";
import { startOpenAiServer } from "@heddle/testing/servers/openai";
import { Client } from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { chain, modelAgent, node } from "./documents.ts";
import { clientFor, type HeddleClient, signUp } from "./heddle-client.ts";
import { readEvents, type ServerSentEvent } from "./server-sent-events.ts";

let folder: string;
let postgres: TestServer;
let model: ModelServer;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "heddle-events-"));
  [postgres, model] = await Promise.all([startTestServer(join(folder, "postgres")), startOpenAiServer()]);
});
afterAll(async () => {
  await model?.close();
  await postgres?.stop();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

const SAID = "It is a fine morning, and every word of it is heard once.";

describe.each(["PostgreSQL", "Redis"] as const)("two processes on one database, with events in %s", (kind) => {
  let redis: RedisServer | undefined;
  let first: HeddleProcess;
  let second: HeddleProcess;
  /** One person, at either process. */
  let here: HeddleClient;
  let there: HeddleClient;
  let connection: string;
  const open: (() => void)[] = [];

  beforeAll(async () => {
    redis = kind === "Redis" ? await startRedis() : undefined;
    const name = `events_${kind.toLowerCase()}`;
    const admin = new Client({ connectionString: postgres.urls("postgres").owner });
    await admin.connect();
    await admin.query(`CREATE DATABASE ${name} TEMPLATE ${TEMPLATE}`);
    await admin.end();
    const environment: Record<string, string> = {
      DATABASE_URL: postgres.urls(name).owner,
      HEDDLE_SECRET_KEY: "4k2Jd8sQ0vZr7Lx1Nf6Tb9Wm3Hc5Yp8G",
      ...(redis === undefined ? {} : { REDIS_URL: redis.url }),
    };
    [first, second] = await Promise.all([startHeddle({ environment }), startHeddle({ environment })]);
    here = await signUp(first.url);
    there = await clientFor(second.url, here.cookie);
    connection = await here.createCredential("openai", { apiKey: "sk-not-a-real-key", baseUrl: model.url });
  });
  afterEach(() => {
    for (const close of open.splice(0)) close();
  });
  afterAll(async () => {
    await Promise.all([first?.stop(), second?.stop()]);
    await redis?.stop();
  });

  const watch = async (at: HeddleClient, executionId: string, lastEventId?: number) => {
    const headers: Record<string, string> = lastEventId === undefined ? {} : { "last-event-id": String(lastEventId) };
    const response = await at.call("GET", `/api/executions/${executionId}/events`, { headers });
    return { response, events: readEvents(response) };
  };
  const all = async (events: AsyncIterable<ServerSentEvent>) => {
    const heard: ServerSentEvent[] = [];
    for await (const event of events) heard.push(event);
    return heard;
  };
  const until = async (events: AsyncGenerator<ServerSentEvent>, isEnough: (heard: ServerSentEvent[]) => boolean) => {
    const heard: ServerSentEvent[] = [];
    while (!isEnough(heard)) {
      const { value, done } = await events.next();
      if (done) throw new Error(`The stream ended after ${JSON.stringify(heard)}`);
      heard.push(value);
    }
    return heard;
  };
  const textOf = (events: ServerSentEvent[]) => events.map(({ data }) => data.event?.text ?? "").join("");
  const keysOf = (events: ServerSentEvent[]) =>
    events.flatMap(({ data }) => (data.event?.step === undefined ? [] : [data.event.key as string]));
  const growing = (ids: number[]) => expect(ids).toEqual([...new Set(ids)].toSorted((a, b) => a - b));

  /** Begins a run at the first process whose model has said everything and does not end yet. */
  const beginTalking = async (pause?: Promise<void>) => {
    const { id, agentId } = await here.deploy(modelAgent({ connection }));
    let finish = () => {};
    const pauseBeforeEnd = pause ?? new Promise<void>((resolve) => (finish = resolve));
    model.script({ text: SAID, pauseBeforeEnd });
    const response = await here.call("POST", `/api/deployments/${id}/execute?stream=1`, { body: { input: { message: "Hi" } } });
    return { executionId: response.headers.get("x-execution-id") ?? "", agentId, own: readEvents(response), finish };
  };

  interface Socket {
    heard: any[]; // eslint-disable-line typescript/no-explicit-any -- read field by field
    say: (message: object) => void;
    closed: number | undefined;
    raw: WebSocket;
  }
  const connect = async (url: string, headers: Record<string, string>): Promise<Socket> => {
    const raw = new WebSocket(`${url.replace("http", "ws")}/api/ws`, { headers });
    open.push(() => raw.terminate());
    const socket: Socket = { heard: [], say: (message) => raw.send(JSON.stringify(message)), closed: undefined, raw };
    raw.on("message", (data) => socket.heard.push(JSON.parse(String(data))));
    raw.on("close", (code) => (socket.closed = code));
    await new Promise((resolve, reject) => raw.once("open", resolve).once("error", reject));
    return socket;
  };

  it("tell a run of the other from its first event to its end", async () => {
    const { executionId, own, finish } = await beginTalking();
    const { response, events } = await watch(there, executionId);
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    const begun = await until(events, (heard) => textOf(heard) === SAID);
    finish();
    const heard = [...begun, ...(await all(events))];
    expect(heard[0]?.type).toBe("agent.execution.started");
    expect(heard.at(-1)).toMatchObject({ type: "agent.execution.completed", data: { result: { status: "COMPLETED", output: SAID } } });
    growing(heard.map(({ id }) => id));
    const told = await all(own);
    expect(keysOf(heard)).toEqual(keysOf(told));
    expect(told.at(-1)?.id).toBe(heard.at(-1)?.id);
  });

  it("go on with a run after the last event that was heard at the other, both ways", async () => {
    const { executionId, own, finish } = await beginTalking();
    const parts: ServerSentEvent[][] = [];
    const places = [own, (await watch(there, executionId, 3)).events];
    // Heard at its own process up to some word, then at the other one to the end of what was said, then back.
    parts.push(await until(own, (heard) => textOf(heard).length >= 10));
    const last = () => parts.flat().at(-1)?.id;
    const other = (await watch(there, executionId, last())).events;
    parts.push(await until(other, (heard) => textOf([...parts.flat(), ...heard]) === SAID));
    const back = (await watch(here, executionId, last())).events;
    finish();
    parts.push(await all(back));
    const heard = parts.flat();
    growing(heard.map(({ id }) => id));
    expect(textOf(heard)).toBe(SAID);
    expect(keysOf(heard)).toEqual(["start#", "llm#", "reply#"]);
    expect(heard.at(-1)?.type).toBe("agent.execution.completed");
    expect(places).toHaveLength(2);
    // Who has heard everything is told that this was all.
    expect((await watch(there, executionId, last())).response.status).toBe(204);
    expect((await there.call("GET", `/api/executions/${executionId}/events?lastEventId=${last()}`)).status).toBe(204);
  });

  it("tell runs that were begun in the background, and runs that are over", async () => {
    const { id } = await here.deploy(modelAgent({ connection }));
    model.script({ text: SAID });
    const { executionId } = await here.json<ExecutionResult>("POST", `/api/deployments/${id}/execute?async=1`, {
      body: { input: { message: "Hi" } },
    });
    const [one, other] = await Promise.all([here, there].map(async (at) => all((await watch(at, executionId)).events)));
    for (const heard of [one, other]) {
      expect(heard?.map(({ type }) => type)).toEqual(expect.arrayContaining(["agent.execution.started"]));
      expect(keysOf(heard ?? [])).toEqual(["start#", "llm#", "reply#"]);
      expect(heard?.at(-1)).toMatchObject({ type: "agent.execution.completed", data: { result: { output: SAID } } });
    }
    model.script({ text: SAID });
    const { executionId: unwatched } = await here.json<ExecutionResult>("POST", `/api/deployments/${id}/execute`, {
      body: { input: { message: "Hi" } },
    });
    const late = await all((await watch(there, unwatched)).events);
    // What a step recorded of its inside is told with the rest.
    expect(late.map(({ type, data }) => data.event?.key ?? type)).toEqual([
      "agent.execution.started", "start#", "llm#/call:0", "llm#", "reply#", "agent.execution.completed",
    ]); // prettier-ignore
    const rest = await all((await watch(here, unwatched, late[1]?.id)).events);
    expect(rest).toEqual(late.slice(2));
  });

  it("tell all runs of an agent over WebSocket, those of the other too, and go on after any of their events", async () => {
    const { id, agentId } = await here.deploy(chain([node("start", "api-trigger"), node("reply", "reply", { text: "Done" })]));
    const socket = await connect(second.url, { cookie: here.cookie });
    socket.say({ type: "subscribe", agentId });
    await expect.poll(() => socket.heard).toEqual([{ type: "subscribed", agentId }]);
    // The caller waits for its answer, so nobody but the watcher of the agent wants events.
    const run = () => here.json<ExecutionResult>("POST", `/api/deployments/${id}/execute`, { body: { input: {} } });
    const { executionId } = await run();
    await expect.poll(() => socket.heard.at(-1)?.type).toBe("agent.execution.completed");
    const words = () => socket.heard.slice(1).map(({ type, data }) => [data.executionId, data.event?.key ?? type]);
    expect(words()).toEqual(expect.arrayContaining([[executionId, "agent.execution.started"], [executionId, "reply#"]])); // prettier-ignore
    const cursor = socket.heard.at(-2)?.cursor;
    socket.raw.terminate();
    const { executionId: meanwhile } = await run();
    const again = await connect(first.url, { cookie: here.cookie });
    again.say({ type: "subscribe", agentId, lastEventId: cursor });
    await expect.poll(() => again.heard.filter(({ type }) => type === "agent.execution.completed").length).toBe(2);
    expect(again.heard[1]).toEqual(socket.heard.at(-1));
    expect(again.heard.at(-1)?.data.executionId).toBe(meanwhile);
  });

  it("tell a run over WebSocket from after an event", async () => {
    const { executionId, own, finish } = await beginTalking();
    const begun = await until(own, (heard) => textOf(heard).length >= 10);
    const socket = await connect(second.url, { cookie: here.cookie });
    const last = begun.at(-1)?.id;
    socket.say({ type: "subscribe", executionId, lastEventId: last });
    finish();
    await expect.poll(() => socket.heard.at(-1)?.type).toBe("agent.execution.completed");
    expect(socket.heard[0]).toEqual({ type: "subscribed", executionId });
    const heard = socket.heard.slice(1) as ServerSentEvent[];
    expect(textOf([...begun, ...heard])).toBe(SAID);
    growing([...begun, ...heard].map(({ id }) => id));
  });

  it("tell nothing to other tenants, nor to nobody", async () => {
    const { executionId, agentId, finish } = await beginTalking();
    const stranger = await signUp(second.url);
    for (const path of [`/api/executions/${executionId}/events`, `/api/agents/${agentId}/events`]) {
      expect(await stranger.problem("GET", path)).toMatchObject({ status: 404, code: "not_found" });
      expect((await fetch(`${second.url}${path}`)).status).toBe(401);
    }
    const socket = await connect(second.url, { cookie: stranger.cookie });
    for (const subject of [{ executionId }, { agentId }]) socket.say({ type: "subscribe", ...subject });
    await expect.poll(() => socket.heard.length).toBe(2);
    for (const subject of [{ executionId }, { agentId }])
      expect(socket.heard).toContainEqual({ type: "error", ...subject, error: expect.objectContaining({ code: "not_found" }) });
    finish();
    await expect.poll(async () => (await here.execution(executionId)).status).toBe("COMPLETED");
    expect(socket.heard).toHaveLength(2);
  });

  it("cut off who may no longer, within five seconds", async () => {
    const { executionId, finish } = await beginTalking();
    const { key, id } = await here.json<{ key: string; id: string }>("POST", `/api/workspaces/${here.workspaceId}/api-keys`, {
      body: { name: "watcher", scopes: ["read"] },
    });
    const authorization = `Bearer ${key}`;
    const response = await fetch(`${second.url}/api/executions/${executionId}/events`, { headers: { authorization } });
    const socket = await connect(second.url, { authorization });
    socket.say({ type: "subscribe", executionId });
    await expect.poll(() => socket.heard.length).toBeGreaterThan(1);
    await here.json("DELETE", `/api/workspaces/${here.workspaceId}/api-keys/${id}`);
    const revokedAt = performance.now();
    const last = (await all(readEvents(response))).at(-1);
    expect(performance.now() - revokedAt).toBeLessThan(5_000);
    expect(last).toMatchObject({ type: "problem", data: { status: 401 } });
    await expect.poll(() => socket.closed, { timeout: 5_000 - (performance.now() - revokedAt) }).toBe(4401);
    finish();
  });

  it("let one person open so many connections, and no more", async () => {
    const somebody = await signUp(first.url);
    for (let index = 0; index < 50; index++) await connect(first.url, { cookie: somebody.cookie });
    await expect(connect(first.url, { cookie: somebody.cookie })).rejects.toThrow("429");
    open.splice(0).forEach((close) => close());
    await expect.poll(() => connect(first.url, { cookie: somebody.cookie }).then(() => true, () => false)).toBe(true); // prettier-ignore
  });

  // Neither what follows for a reader nor for a run depends on where events are kept.
  if (kind === "Redis") return;

  it("cut off a reader that takes nothing, while others hear everything", async () => {
    const texts = Array.from({ length: 80 }, (_, index) => node(`copy${index}`, "format", { mode: "text", text: "{{ input.text }}" }));
    const { id, agentId } = await here.deploy(chain([node("start", "api-trigger"), ...texts, node("reply", "reply", { text: "Done" })]));
    const stalled = await connect(second.url, { cookie: here.cookie });
    const reader = await connect(second.url, { cookie: here.cookie });
    for (const socket of [stalled, reader]) {
      socket.say({ type: "subscribe", agentId });
      await expect.poll(() => socket.heard.length).toBe(1);
    }
    stalled.raw.pause();
    await here.json("POST", `/api/deployments/${id}/execute`, { body: { input: { text: "x".repeat(200_000) } } });
    await expect.poll(() => reader.heard.at(-1)?.type, { timeout: 20_000 }).toBe("agent.execution.completed");
    expect(keysOf(reader.heard.slice(1) as ServerSentEvent[])).toHaveLength(82);
    // A socket that is not read learns by writing that the other side is gone.
    const isCut = () => {
      if (stalled.raw.readyState === WebSocket.OPEN) stalled.raw.ping();
      return stalled.closed;
    };
    await expect.poll(isCut, { timeout: 30_000, interval: 250 }).toBe(1006);
    expect(stalled.heard.length).toBeLessThan(reader.heard.length);
  });

  it("go on telling of a run whose process was killed", async () => {
    const { executionId } = await beginTalking(new Promise(() => {}));
    const { events } = await watch(there, executionId);
    const begun = await until(events, (heard) => textOf(heard) === SAID);
    model.script({ text: "Said by another." });
    process.kill(first.pid, "SIGKILL");
    const rest = await all(events);
    const heard = [...begun, ...rest];
    growing(heard.map(({ id }) => id));
    expect(heard.filter(({ type }) => type === "agent.execution.started")).toHaveLength(1);
    expect(keysOf(heard)).toEqual(["start#", "llm#", "reply#"]);
    expect(textOf(rest)).toBe("Said by another.");
    expect(heard.at(-1)).toMatchObject({ type: "agent.execution.completed", data: { result: { output: "Said by another." } } });
    const again = await all((await watch(there, executionId, begun.at(-1)?.id)).events);
    expect([textOf(again), keysOf(again), again.at(-1)]).toEqual([textOf(rest), keysOf(rest), rest.at(-1)]);
  });
});
