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
let workers: HeddleProcess[] = [];
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

async function startWorker(): Promise<HeddleProcess> {
  const worker = await cluster.start();
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
async function enqueue(count: number, name: string, { user, deploymentId }: Tenant = tenant): Promise<void> {
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
  expect(await countOf("FAILED")).toBe(0);
  expect([...asked].filter(([, times]) => times !== 1)).toEqual([]);
}

const takenBy = (worker: HeddleProcess) => readMetric(worker, "heddle_worker_runs_total");

describe("workers on Redis", () => {
  it("share 2,000 runs, neither of two doing twice what the other does", async () => {
    const both = await Promise.all([startWorker(), startWorker()]);
    // What a process does first takes it longer than what it does again.
    await enqueue(300, "warm");
    await expectAllDone(300);
    asked.clear();
    const before = await Promise.all(both.map(takenBy));
    await enqueue(2_000, "shared");
    await expectAllDone(2_000);
    const [one = 0, other = 0] = (await Promise.all(both.map(takenBy))).map((count, index) => count - (before[index] ?? 0));
    expect(one + other).toBe(2_000);
    // How evenly is a matter of measuring, which bench/workers.ts does.
    expect(Math.max(one, other), `${one} and ${other}`).toBeLessThan(2 * Math.min(one, other));
  });

  it("take work at once when they come, and leave it to the others when they go", async () => {
    // Long enough for a worker to start meanwhile.
    modelMs = 1_000;
    await enqueue(1_200, "moving");
    const first = await startWorker();
    await expect.poll(() => asked.size, { timeout: 15_000, interval: 20 }).toBeGreaterThan(50);
    const second = await startWorker();
    await expect.poll(() => takenBy(second), { timeout: 10_000, interval: 50 }).toBeGreaterThan(0);
    const before = asked.size;
    await first.stop();
    workers = workers.filter((worker) => worker !== first);
    expect(before, "the backlog was gone before the worker left").toBeLessThan(1_200);
    await expectAllDone(1_200);
  });

  it("lose nothing when Redis forgets everything", async () => {
    await startWorker();
    await enqueue(300, "forgotten");
    await cluster.redis?.forgetAll();
    await enqueue(300, "remembered");
    await cluster.redis?.forgetAll();
    await expectAllDone(600, 60_000);
  });

  it("begin another workspace's runs within two seconds, however much one has queued", async () => {
    // Long enough for the backlog to outlast the others.
    modelMs = 1_000;
    const other = await moveIn();
    await enqueue(1_500, "backlog");
    await startWorker();
    const delays: number[] = [];
    for (let index = 0; index < 20; index++) {
      const begin = Date.now();
      await enqueue(1, `quick-${index}`, other);
      await expect.poll(() => asked.has(`quick-${index} 1`), { timeout: 10_000, interval: 5 }).toBe(true);
      delays.push(Date.now() - begin);
    }
    expect(delays.toSorted((a, b) => a - b)[18], `${delays.join(", ")} ms`).toBeLessThan(2_000);
    expect(asked.size, "the backlog was gone before the last of them").toBeLessThan(1_520);
    await expectAllDone(1_520);
  });
});
