import { createServer, type Server } from "node:http";
import type { ExecutionResource, Page } from "@heddle/schema";
import { type HeddleCluster, readMetric, startCluster } from "@heddle/testing/heddle-cluster";
import type { HeddleProcess } from "@heddle/testing/heddle-process";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { modelAgent } from "./documents.ts";
import { type HeddleClient, signUp } from "./heddle-client.ts";

let cluster: HeddleCluster;
let model: Server;
let tenant: Tenant;
const workers: HeddleProcess[] = [];
/** How often the model was asked, by what it was asked. */
const asked = new Map<string, number>();
let modelMs = 50;

beforeAll(async () => {
  model = createServer((request, response) => {
    let text = "";
    request.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
    request.on("end", () => {
      const { messages = [] } = JSON.parse(text || "{}") as { messages?: { content: string }[] };
      const prompt = messages.at(-1)?.content ?? "";
      asked.set(prompt, (asked.get(prompt) ?? 0) + 1);
      setTimeout(() => response.writeHead(200, { "content-type": "application/json" }).end(ANSWER), modelMs);
    });
  });
  await new Promise<void>((done) => model.listen(0, "127.0.0.1", done));
  cluster = await startCluster({ hasRedis: true });
});
beforeEach(async () => {
  asked.clear();
  modelMs = 50;
  tenant = await moveIn();
});
afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.stop()));
});
afterAll(async () => {
  await cluster?.stop();
  model?.close();
});

const ANSWER = JSON.stringify({
  id: "chatcmpl-1",
  object: "chat.completion",
  created: 1_700_000_000,
  model: "scripted",
  choices: [{ index: 0, message: { role: "assistant", content: "Yes." }, finish_reason: "stop" }],
  usage: { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 },
});

async function startWorker(environment: Record<string, string> = {}): Promise<HeddleProcess> {
  const worker = await cluster.start("worker", environment);
  workers.push(worker);
  return worker;
}

/** Somebody with a deployed agent that asks the model. */
interface Tenant {
  user: HeddleClient;
  deploymentId: string;
}

async function moveIn(): Promise<Tenant> {
  const user = await signUp(cluster.front.url);
  const address = model.address();
  const baseUrl = `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}/v1`;
  const connection = await user.createCredential("openai-compatible", { apiKey: "sk-not-a-real-key", baseUrl });
  const { id } = await user.deploy(modelAgent({ connection }));
  return { user, deploymentId: id };
}

/** Leaves runs to the workers; each asks the model something of its own. Asks again, under the same key, where there is no answer. */
async function enqueue(count: number, name: string): Promise<void> {
  const { user, deploymentId } = tenant;
  let left = count;
  const send = async (): Promise<void> => {
    while (left > 0) {
      const message = `${name} ${left--}`;
      const call = { body: { input: { message } }, headers: { "idempotency-key": message } };
      await expect
        .poll(async () => (await user.call("POST", `/api/deployments/${deploymentId}/execute?async=1`, call)).status, {
          timeout: 30_000,
          interval: 200,
        })
        .toBe(202);
    }
  };
  await Promise.all(Array.from({ length: 32 }, send));
}

async function countOf(status: string): Promise<number> {
  const { user } = tenant;
  const { items } = await user.json<Page<ExecutionResource>>(
    "GET",
    `/api/workspaces/${user.workspaceId}/executions?status=${status}&limit=1`,
  );
  return items.length;
}

/** Everything that was accepted has ended well, and the model was asked once for each run. */
async function expectAllDone(count: number, timeout = 90_000): Promise<void> {
  await expect.poll(async () => asked.size, { timeout, interval: 100 }).toBe(count);
  for (const status of ["PENDING", "RUNNING"]) await expect.poll(() => countOf(status), { timeout, interval: 100 }).toBe(0);
  for (const status of ["WAITING", "FAILED", "CANCELLED"]) expect(await countOf(status), status).toBe(0);
  expect([...asked].filter(([, times]) => times !== 1)).toEqual([]);
}

const takenBy = (worker: HeddleProcess) => readMetric(worker, "heddle_worker_runs_total");

describe("workers on Redis", () => {
  it("share 2,000 runs within 10 % of each other, though they have just been started", async () => {
    const both = await Promise.all([startWorker(), startWorker()]);
    await enqueue(2_000, "shared");
    await expectAllDone(2_000);
    const [one = 0, other = 0] = await Promise.all(both.map(takenBy));
    expect(one + other).toBe(2_000);
    expect(Math.abs(one - other), `${one} and ${other}`).toBeLessThanOrEqual(100);
  });

  it("take work at once when they come, and leave it to the others when they go", async () => {
    // Few at a time and slow, so that the backlog lasts while a worker starts.
    modelMs = 500;
    const few = { HEDDLE_WORKER_SLOTS: "24" };
    const first = await startWorker(few);
    await startWorker(few);
    await enqueue(600, "moving");
    const third = await startWorker(few);
    await expect.poll(() => takenBy(third), { timeout: 2_000, interval: 20 }).toBeGreaterThan(10);
    await first.stop();
    expect(asked.size, "the backlog was gone before the worker left").toBeLessThan(600);
    modelMs = 50;
    await expectAllDone(600);
  });

  it("lose nothing when Redis forgets everything", async () => {
    // Looks for what is due and nobody was told of every 2 s.
    await startWorker({ HEDDLE_LEASE_SECONDS: "4" });
    await enqueue(300, "forgotten");
    await cluster.redis?.forgetAll();
    await enqueue(300, "remembered");
    await cluster.redis?.forgetAll();
    await expectAllDone(600, 60_000);
  });
});
