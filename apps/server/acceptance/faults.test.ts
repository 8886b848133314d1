import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { ExecutionResult } from "@heddle/schema";
import { ChaosCluster } from "@heddle/testing/chaos/chaos-cluster";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { chain, node } from "./documents.ts";
import { type HeddleClient, signUp } from "./heddle-client.ts";

let cluster: ChaosCluster;
let user: HeddleClient;
let shop: Server;
/** Requests that the shop has not answered. */
let held: ServerResponse[] = [];
let isHolding = false;
let keys: string[] = [];
let slow: string;
let quick: string;
const LEASE_SECONDS = 3;

beforeAll(async () => {
  shop = createServer((request, response) => {
    keys.push(String(request.headers["idempotency-key"]));
    if (isHolding) held.push(response);
    else response.writeHead(200, { "content-type": "application/json" }).end('{"by":"the heir"}');
  });
  await new Promise<void>((done) => shop.listen(0, "127.0.0.1", done));
  const { port } = shop.address() as AddressInfo;
  cluster = await ChaosCluster.start({
    roles: ["web,gateway", "worker", "worker"],
    leaseSeconds: LEASE_SECONDS,
    world: `127.0.0.1:${port}`,
    diskMegabytes: 400,
  });
  user = await signUp(member(0).process.url);
  const ask = node("ask", "http-request", { method: "POST", url: `http://127.0.0.1:${port}/`, bodyKind: "json", json: {} });
  const answer = node("reply", "reply", { mode: "json", json: "{{ ask.output.body }}" });
  slow = (await user.deploy(chain([node("start", "api-trigger"), ask, answer]))).id;
  quick = (await user.deploy(chain([node("start", "api-trigger"), node("reply", "reply", { mode: "json", json: "done" })]))).id;
});
beforeEach(() => {
  held = [];
  keys = [];
  isHolding = false;
});
afterAll(async () => {
  await cluster?.stop();
  shop?.close();
});

function member(index: number) {
  const found = cluster.members[index];
  if (found === undefined) throw new Error(`There is no process ${index}.`);
  return found;
}

const execute = (id: string, query = "") => user.call("POST", `/api/deployments/${id}/execute${query}`, { body: { input: {} } });
const enqueue = async (id: string) => ((await (await execute(id, "?async=1")).json()) as ExecutionResult).executionId;
const runs = () => execute(quick).then((response) => response.status, () => 0); // prettier-ignore

describe("a worker that stands still for longer than its lease", () => {
  it("finds its run taken over, and its late outcome refused", async () => {
    isHolding = true;
    // Only one worker is awake, so it is known who has the run.
    member(2).process.signal("SIGSTOP");
    const id = await enqueue(slow);
    await expect.poll(() => held.length, { timeout: 30_000 }).toBe(1);
    member(1).process.signal("SIGSTOP");
    isHolding = false;
    held[0]?.writeHead(200, { "content-type": "application/json" }).end('{"by":"the late one"}');
    member(2).process.signal("SIGCONT");
    const ended = await user.ended(id);
    expect(ended).toMatchObject({ status: "COMPLETED", output: { by: "the heir" } });
    member(1).process.signal("SIGCONT");
    await member(1).process.ready();
    // It has taken up its answer by the time it takes runs again.
    member(2).process.signal("SIGSTOP");
    const next = await enqueue(slow);
    expect(await user.ended(next)).toMatchObject({ status: "COMPLETED" });
    member(2).process.signal("SIGCONT");
    expect(await user.execution(id)).toEqual(ended);
    expect(new Set(keys.slice(0, 2)).size).toBe(1);
  });
});

describe("a run whose peer never answers", () => {
  it("is over within five seconds of being cancelled, wherever it runs", async () => {
    isHolding = true;
    const id = await enqueue(slow);
    await expect.poll(() => held.length, { timeout: 30_000 }).toBe(1);
    const begin = performance.now();
    await user.json("POST", `/api/executions/${id}/cancel`);
    await expect.poll(async () => (await user.execution(id)).status, { timeout: 10_000, interval: 50 }).toBe("CANCELLED");
    expect(performance.now() - begin).toBeLessThan(5_000);
    for (const response of held) response.end();
  });
});

describe("PostgreSQL", () => {
  it.each([false, true])(
    "stopped under load (at once: %s) is told as 503 within two seconds, and used again when it is back",
    async (isImmediate) => {
      expect(await runs()).toBe(200);
      const over = new AbortController();
      const load = (async () => {
        while (!over.signal.aborted) await runs();
      })();
      await cluster.stopPostgres({ isImmediate });
      for (let count = 0; count < 5; count++) {
        const begin = performance.now();
        expect(await runs()).toBe(503);
        expect(performance.now() - begin).toBeLessThan(2_000);
      }
      await cluster.startPostgres();
      await expect.poll(runs, { timeout: 10_000 }).toBe(200);
      over.abort();
      await load;
      expect(await user.ended(await enqueue(slow))).toMatchObject({ status: "COMPLETED" });
      expect(cluster.members.flatMap(({ process }) => process.faults)).toEqual([]);
    },
  );

  it("whose disk is full is told as 503, and used again when there is room", async () => {
    await cluster.disk.fill();
    const filler = "x".repeat(100_000);
    const store = () => user.call("POST", `/api/deployments/${quick}/execute?async=1`, { body: { input: { filler } } }).then((response) => response.status, () => 0); // prettier-ignore
    await expect.poll(store, { timeout: 60_000, interval: 10 }).toBe(503);
    await cluster.disk.free();
    await expect.poll(store, { timeout: 30_000 }).toBe(202);
    await expect.poll(runs, { timeout: 10_000 }).toBe(200);
  });

  it("behind connections that are dead and don't say so is reached by new ones", async () => {
    expect(await runs()).toBe(200);
    for (const { toPostgres } of cluster.members) toPostgres.strand();
    await expect.poll(async () => Promise.race([runs(), new Promise((done) => setTimeout(done, 1_000))]), { timeout: 80_000, interval: 500 }).toBe(200); // prettier-ignore
    // Queries that were asked of other dead connections may still wait for their answer.
    let id = "";
    await expect.poll(async () => ((id = await enqueue(slow)), id), { timeout: 60_000, interval: 500 }).toEqual(expect.any(String)); // prettier-ignore
    expect(await user.ended(id)).toMatchObject({ status: "COMPLETED" });
  });
});
