// `node bench/workers.ts`: how worker processes share the queue. Flow C (a model that takes 50 ms) without anybody waiting,
// on Redis or, with --queue postgres, on PostgreSQL. --runs N (2,000), --workers N (2)
// The workers have just been started, unless --warm N has them run N before. --timeline prints what each has taken.
// With --backlog N, how soon another workspace's runs begin while one has queued N.
import { parseArgs } from "node:util";
import { type HeddleCluster, readMetric, startCluster } from "@heddle/testing/heddle-cluster";
import type { HeddleProcess } from "@heddle/testing/heddle-process";
import { type Flow, flows } from "./flows.ts";
import { type DeployedFlow, deployFlows, startScript } from "./servers.ts";

const { values } = parseArgs({
  options: {
    queue: { type: "string", default: "redis" },
    runs: { type: "string", default: "2000" },
    workers: { type: "string", default: "2" },
    warm: { type: "string" },
    backlog: { type: "string" },
    timeline: { type: "boolean", default: false },
  },
});
const runs = Number(values.runs);
/** What the front takes at least, beside workers on two cores. */
const SENT_PER_SECOND = 200;
/** Of the other workspace, one after another. */
const QUICK_RUNS = 40;

const model = await startScript("model-server.ts");
const cluster = await startCluster({ hasRedis: values.queue === "redis" });
try {
  const flow = flows.find(({ name }) => name === "C");
  if (flow === undefined) throw new Error("Flow C is gone.");
  const deployed = (await deployFlows(cluster.front, model.url, [flow])).get("C");
  if (deployed === undefined) throw new Error("Flow C was not deployed.");
  const workers = await Promise.all(Array.from({ length: Number(values.workers) }, () => cluster.start()));
  if (values.warm !== undefined) {
    await enqueue(deployed, flow.body, Number(values.warm));
    await drained(cluster, workers);
  }
  const before = await takenBy(workers);

  const begin = performance.now();
  const timeline = values.timeline
    ? setInterval(
        () => void takenBy(workers).then((taken) => console.log(`  ${seconds(performance.now() - begin)}  ${taken.join(" ")}`)),
        250,
      )
    : undefined;
  await enqueue(deployed, flow.body, runs);
  const enqueued = performance.now();
  await drained(cluster, workers);
  const took = performance.now() - begin;
  clearInterval(timeline);
  const shares = (await takenBy(workers)).map((count, index) => count - (before[index] ?? 0));
  const apart = (Math.max(...shares) - Math.min(...shares)) / (runs / shares.length);
  console.log(
    `${runs} runs accepted in ${seconds(enqueued - begin)}, finished after ${seconds(took)}: ${Math.round(runs / (took / 1_000))} a second`,
  );
  console.log(`shares ${shares.join(", ")}: ${(apart * 100).toFixed(1)} % apart`);
  if (values.backlog !== undefined) await measureFairness(deployed, flow, Number(values.backlog));
} finally {
  await cluster.stop();
  await model.stop();
}

async function enqueue({ url, headers }: DeployedFlow, input: unknown, count: number, query = ""): Promise<void> {
  let left = count;
  const send = async (): Promise<void> => {
    while (left-- > 0) {
      const response = await fetch(`${url}?async=1${query}`, { method: "POST", headers: { ...headers, "content-type": "application/json" }, body: JSON.stringify({ input }) }); // prettier-ignore
      if (response.status !== 202) throw new Error(`${response.status}: ${await response.text()}`);
      await response.body?.cancel();
    }
  };
  await Promise.all(Array.from({ length: 32 }, send));
}

/** Another workspace's runs, one after another, while the first one's backlog lasts. */
async function measureFairness(busy: DeployedFlow, flow: Flow, backlog: number): Promise<void> {
  const other = (await deployFlows(cluster.front, model.url, [flow])).get(flow.name);
  if (other === undefined) throw new Error("The other workspace has no flow.");
  // All of it is due at one moment: workers keep up with what is only sent.
  const startAt = new Date(Date.now() + 5_000 + (backlog / SENT_PER_SECOND) * 1_000);
  await enqueue(busy, flow.body, backlog, `&startAt=${startAt.toISOString()}`);
  await new Promise((done) => setTimeout(done, Math.max(0, startAt.getTime() + 500 - Date.now())));
  const delays: number[] = [];
  while (delays.length < QUICK_RUNS) {
    const sent = Date.now();
    const response = await fetch(`${other.url}?async=1`, { method: "POST", headers: { ...other.headers, "content-type": "application/json" }, body: JSON.stringify({ input: flow.body }) }); // prettier-ignore
    const { executionId } = (await response.json()) as { executionId: string };
    const origin = new URL(other.url).origin;
    for (let startedAt: string | undefined; startedAt === undefined; await new Promise((done) => setTimeout(done, 20))) {
      const run = (await (await fetch(`${origin}/api/executions/${executionId}`, { headers: other.headers })).json()) as {
        status: string;
        startedAt: string;
      };
      if (run.status === "PENDING") continue;
      ({ startedAt } = run);
      delays.push(Date.parse(startedAt) - sent);
    }
  }
  const left = await readMetric(cluster.front, "heddle_queue_depth");
  const sorted = delays.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.ceil(sorted.length * share) - 1] ?? 0;
  console.log(`beside a backlog of ${backlog} (${left} were left): begun after ${at(0.5)} ms (p50), ${at(0.95)} ms (p95)`);
}

/** Waits until nothing is due and nothing runs. */
async function drained({ front }: HeddleCluster, workers: readonly HeddleProcess[] = []): Promise<void> {
  for (;;) {
    const waiting = await readMetric(front, "heddle_queue_depth");
    const running = await Promise.all(workers.map((worker) => readMetric(worker, "heddle_worker_running")));
    if (waiting + running.reduce((sum, count) => sum + count, 0) === 0) return;
    await new Promise((done) => setTimeout(done, 50));
  }
}

function takenBy(workers: readonly HeddleProcess[]): Promise<number[]> {
  return Promise.all(workers.map((worker) => readMetric(worker, "heddle_worker_runs_total")));
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
