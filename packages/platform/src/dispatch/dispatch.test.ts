import { createServer, type IncomingMessage, type Server } from "node:http";
import { JOBS_SCHEMA, uuidv7 } from "@heddle/db";
import type { Jobs } from "@heddle/jobs";
import { openPgBossJobs } from "@heddle/jobs/pg-boss-jobs";
import { agentDocument, type AgentDocumentInput, type ExecutionResource, type Json } from "@heddle/schema";
import { createTestPlatform, type TestPerson, type TestPlatform } from "@heddle/testing/test-platform";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

let test: TestPlatform;
let jobs: Jobs;
let server: Server;
let port = 0;
/** What the other side answers; by path. */
let answer: (request: IncomingMessage) => Promise<{ status: number; headers?: Record<string, string> }>;
const hits: string[] = [];
const others: TestPlatform[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    hits.push(request.url ?? "");
    void answer(request).then(({ status, headers }) => response.writeHead(status, headers).end("{}"));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  port = typeof address === "object" && address ? address.port : 0;
  // It only accepts; each test decides who takes runs.
  test = await createTestPlatform({ roles: new Set(["web", "gateway"]) });
  jobs = await openPgBossJobs({ url: test.database.urls.jobs, schema: JOBS_SCHEMA });
});
beforeEach(() => {
  hits.length = 0;
  answer = async () => ({ status: 200 });
});
afterEach(async () => {
  await Promise.all(others.splice(0).map((other) => other.close()));
});
afterAll(async () => {
  await jobs.close();
  await test.close();
  server.close();
});

/** Another process on the same database and queue. */
async function startWorker(dispatch: { slots?: number; sweepEveryMs?: number } = {}): Promise<TestPlatform> {
  const worker = await createTestPlatform({
    db: test.database.db,
    jobs,
    roles: new Set(["worker"]),
    dispatch: { random: () => 0, ...dispatch },
  });
  others.push(worker);
  return worker;
}

/** Asks for each path in turn, and answers the last status. */
async function deploy(person: TestPerson, ...paths: string[]): Promise<string> {
  const nodes: AgentDocumentInput["nodes"] = [
    { id: "start", type: "api-trigger", name: "Call" },
    ...paths.map((path, index) => ({
      id: `ask${index}`,
      type: "http-request",
      name: `Ask ${index}`,
      params: { method: "GET", url: `http://127.0.0.1:${port}/${path}` },
    })),
  ];
  const edges = nodes
    .slice(1)
    .map((node, index) => ({ id: `e${index}`, source: { node: nodes[index]?.id ?? "" }, target: { node: node.id } }));
  const agent = await test.platform.agents.create(person.actor, person.workspaceId, {
    name: uuidv7(),
    config: agentDocument.parse({ nodes, edges }),
  });
  return (await test.platform.deployments.deploy(person.actor, agent.id)).id;
}

const queue = async (person: TestPerson, deploymentId: string, rest: { startAt?: Date; idempotencyKey?: string } = {}, input: Json = {}) =>
  (await test.platform.runs.queueDeployment(person.actor, deploymentId, { input, ...rest })).executionId;
const read = (person: TestPerson, id: string): Promise<ExecutionResource> => test.platform.executions.byId(person.actor, id);
const status = async (person: TestPerson, id: string) => (await read(person, id)).status;
const SOON = { timeout: 15_000, interval: 20 };
const sql = async <T>(text: string, values: unknown[] = []): Promise<T[]> =>
  test.database.asOwner(async (client) => (await client.query(text, values)).rows as T[]);

describe("a run that nobody waits for", () => {
  it("is taken by a worker, and not before there is one", async () => {
    const { alice } = test;
    const id = await queue(alice, await deploy(alice, "a"));
    expect(await status(alice, id)).toBe("PENDING");
    await startWorker();
    await expect.poll(() => status(alice, id), SOON).toBe("COMPLETED");
    expect(hits).toEqual(["/a"]);
  });

  it("begins when it is told to, by its delayed hint", async () => {
    const { alice } = test;
    await startWorker({ sweepEveryMs: 3_600_000 });
    const startAt = new Date(Date.now() + 1_200);
    const id = await queue(alice, await deploy(alice, "a"), { startAt });
    await expect.poll(() => status(alice, id), SOON).toBe("COMPLETED");
    expect(new Date((await read(alice, id)).startedAt).getTime()).toBeGreaterThanOrEqual(startAt.getTime() - 5);
  });

  it("is one under one idempotency key", async () => {
    const { alice } = test;
    const deploymentId = await deploy(alice, "a");
    const ids = await Promise.all(Array.from({ length: 20 }, () => queue(alice, deploymentId, { idempotencyKey: "k" })));
    expect(new Set(ids).size).toBe(1);
    await startWorker();
    await expect.poll(() => status(alice, ids[0] ?? ""), SOON).toBe("COMPLETED");
    expect(hits).toEqual(["/a"]);
  });
});

describe("a cancel", () => {
  it("ends a run that waits in the queue, at once and for good", async () => {
    const { alice } = test;
    const id = await queue(alice, await deploy(alice, "never"), { startAt: new Date(Date.now() + 400) });
    expect(await test.platform.executions.cancel(alice.actor, id)).toMatchObject({ status: "CANCELLED", error: { code: "run_cancelled" } });
    await startWorker();
    const after = await queue(alice, await deploy(alice, "after"), { startAt: new Date(Date.now() + 600) });
    await expect.poll(() => status(alice, after), SOON).toBe("COMPLETED");
    expect(hits).toEqual(["/after"]);
  });

  it("reaches a run at another process", async () => {
    const { alice } = test;
    answer = () => new Promise(() => undefined);
    await startWorker();
    const id = await queue(alice, await deploy(alice, "hangs"));
    await expect.poll(() => hits, SOON).toEqual(["/hangs"]);
    await test.platform.executions.cancel(alice.actor, id);
    await expect.poll(() => status(alice, id), { timeout: 5_000 }).toBe("CANCELLED");
  });
});

describe("a failure", () => {
  it.for([408, 409, 425, 429, 503])("with status %d is tried again from where it happened", async (refusal) => {
    const { alice } = test;
    await startWorker();
    answer = async ({ url }) => ({ status: url === "/second" && hits.length < 4 ? refusal : 200 });
    const id = await queue(alice, await deploy(alice, "first", "second"));
    await expect.poll(() => status(alice, id), SOON).toBe("COMPLETED");
    expect(hits).toEqual(["/first", "/second", "/second", "/second"]);
    expect(await sql("SELECT attempt FROM executions WHERE id = $1", [id])).toEqual([{ attempt: 2 }]);
    const { steps } = await test.platform.executions.trace(alice.actor, id);
    expect(steps.map((step) => [step.key, step.status])).toEqual([["start#", "completed"], ["ask0#", "completed"], ["ask1#", "completed"]]); // prettier-ignore
  });

  it("waits for as long as Retry-After says", async () => {
    const { alice } = test;
    await startWorker();
    const times: number[] = [];
    answer = async () => (times.push(Date.now()) === 1 ? { status: 503, headers: { "retry-after": "2" } } : { status: 200 });
    const id = await queue(alice, await deploy(alice, "busy"));
    await expect.poll(() => status(alice, id), SOON).toBe("COMPLETED");
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(1_990);
  });

  it("is given up after five attempts, and kept", async () => {
    const { alice } = test;
    await startWorker();
    answer = async () => ({ status: 500 });
    const id = await queue(alice, await deploy(alice, "broken"));
    await expect.poll(() => status(alice, id), SOON).toBe("FAILED");
    expect(hits).toHaveLength(5);
    expect(await sql("SELECT attempts, error->>'code' AS code FROM dead_letters WHERE execution_id = $1", [id])).toEqual([
      { attempts: 5, code: "http_status" },
    ]);
  });

  it("that trying again can't mend is given up at once", async () => {
    const { alice } = test;
    await startWorker();
    answer = async () => ({ status: 404 });
    const id = await queue(alice, await deploy(alice, "missing"));
    await expect.poll(() => status(alice, id), SOON).toBe("FAILED");
    expect(hits).toHaveLength(1);
  });

  it("that ends process after process is taken for what it is", async () => {
    const { alice } = test;
    const id = await queue(alice, await deploy(alice, "poison"));
    await sql("UPDATE executions SET status = 'RUNNING', crashes = 5, lease_owner = gen_random_uuid(), lease_epoch = 6 WHERE id = $1", [
      id,
    ]);
    await startWorker();
    await expect.poll(() => status(alice, id), SOON).toBe("FAILED");
    expect((await read(alice, id)).error).toMatchObject({ code: "crash_loop" });
    expect(hits).toEqual([]);
  });
});

describe("a backlog", () => {
  it("of one workspace does not hold up another's first run", async () => {
    const { alice, bob } = test;
    answer = ({ url }) => new Promise((done) => setTimeout(() => done({ status: 200 }), url === "/slow" ? 300 : 0));
    const [slow, quick] = [await deploy(alice, "slow"), await deploy(bob, "quick")];
    await Promise.all(Array.from({ length: 200 }, () => queue(alice, slow)));
    await startWorker({ slots: 8 });
    await expect.poll(() => hits.length, SOON).toBeGreaterThan(4);
    const begin = Date.now();
    const id = await queue(bob, quick);
    await expect.poll(() => status(bob, id), SOON).toBe("COMPLETED");
    expect(Date.now() - begin).toBeLessThan(2_000);
    await sql("UPDATE executions SET status = 'CANCELLED', lease_expires_at = NULL WHERE status = 'PENDING'");
  });

  it("is worked on no faster than the workspace may", async () => {
    const { alice } = test;
    await sql("INSERT INTO workspace_limits (workspace_id, concurrency, updated_at) VALUES ($1, 3, now()) ON CONFLICT DO NOTHING", [
      alice.workspaceId,
    ]);
    let [running, most] = [0, 0];
    answer = async () => {
      most = Math.max(most, ++running);
      await new Promise((done) => setTimeout(done, 30));
      running--;
      return { status: 200 };
    };
    const deploymentId = await deploy(alice, "limited");
    const ids = await Promise.all(Array.from({ length: 20 }, () => queue(alice, deploymentId)));
    await Promise.all([startWorker(), startWorker()]);
    await expect.poll(async () => (await Promise.all(ids.map((id) => status(alice, id)))).every((each) => each === "COMPLETED"), SOON).toBe(true); // prettier-ignore
    expect(most).toBe(3);
    await sql("DELETE FROM workspace_limits");
  });

  it("survives the loss of every hint", async () => {
    const { bob } = test;
    const deploymentId = await deploy(bob, "x");
    await startWorker({ slots: 4, sweepEveryMs: 300 });
    const ids = await Promise.all(Array.from({ length: 60 }, () => queue(bob, deploymentId)));
    await sql(`DELETE FROM ${JOBS_SCHEMA}.job`);
    await expect.poll(async () => (await Promise.all(ids.map((id) => status(bob, id)))).every((each) => each === "COMPLETED"), SOON).toBe(true); // prettier-ignore
    expect(hits).toHaveLength(60);
  });
});

describe("a queue that is away", () => {
  it("delays runs and holds none up", async () => {
    const { bob } = test;
    const deploymentId = await deploy(bob, "x");
    const away: Jobs = { ...jobs, enqueue: () => Promise.reject(new Error("The queue is away.")) };
    const worker = await createTestPlatform({
      db: test.database.db,
      jobs: away,
      roles: new Set(["worker"]),
      dispatch: { sweepEveryMs: 500 },
    });
    others.push(worker);
    const ids = await Promise.all(Array.from({ length: 60 }, () => queue(bob, deploymentId)));
    await sql(`DELETE FROM ${JOBS_SCHEMA}.job`);
    await expect.poll(async () => (await Promise.all(ids.map((id) => status(bob, id)))).every((each) => each === "COMPLETED"), SOON).toBe(true); // prettier-ignore
    expect(hits).toHaveLength(60);
  });
});

describe("a worker that leaves", () => {
  it("lets its runs end or hands them over, and nothing is done twice", async () => {
    const { bob } = test;
    answer = () => new Promise((done) => setTimeout(() => done({ status: 200 }), 100));
    const deploymentId = await deploy(bob, "x");
    const leaving = await startWorker({ slots: 8 });
    const ids = await Promise.all(Array.from({ length: 40 }, () => queue(bob, deploymentId)));
    await expect.poll(() => hits.length, SOON).toBeGreaterThan(3);
    others.splice(others.indexOf(leaving), 1);
    await leaving.platform.close(5_000);
    const done = hits.length;
    expect(done).toBeLessThan(40);
    await startWorker();
    await expect.poll(async () => (await Promise.all(ids.map((id) => status(bob, id)))).every((each) => each === "COMPLETED"), SOON).toBe(true); // prettier-ignore
    expect(hits).toHaveLength(40);
  });

  it("hands a run over at once that does not end in time", async () => {
    const { bob } = test;
    answer = () => (hits.length === 1 ? new Promise(() => undefined) : Promise.resolve({ status: 200 }));
    const leaving = await startWorker();
    const id = await queue(bob, await deploy(bob, "stuck"));
    await expect.poll(() => hits, SOON).toHaveLength(1);
    await startWorker({ sweepEveryMs: 3_600_000 });
    others.splice(others.indexOf(leaving), 1);
    await leaving.platform.close(100);
    await expect.poll(() => status(bob, id), { timeout: 10_000, interval: 20 }).toBe("COMPLETED");
    expect(hits).toHaveLength(2);
  });
});

describe("the metrics", () => {
  it("tell what waits and what runs", async () => {
    const { alice } = test;
    answer = () => new Promise(() => undefined);
    const worker = await startWorker();
    const deploymentId = await deploy(alice, "x");
    await queue(alice, deploymentId, { startAt: new Date(Date.now() + 60_000) });
    await queue(alice, deploymentId);
    await expect.poll(() => worker.platform.dispatch.metrics(), SOON).toMatchObject({ due: 0, delayed: 1, running: 1, slots: 200 });
  });
});
