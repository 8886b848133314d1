import { setTimeout as sleep } from "node:timers/promises";
import type { RunOutcome, StepRecord } from "@heddle/schema";
import { createTestDatabase, type TestDatabase } from "@heddle/testing/database";
import { uuidv7 } from "uuidv7";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createJournal, type Interruption, type Journal, type JournalOptions, LeaseLostError, type NewExecution } from "./journal.ts";

let test: TestDatabase;
let workspaceId: string;
const journals: Journal[] = [];

beforeAll(async () => {
  test = await createTestDatabase();
  ({ workspaceId } = await test.createUser());
});
afterEach(() => {
  for (const journal of journals.splice(0)) journal.close();
});
afterAll(() => test.close());

function openJournal(options: Partial<JournalOptions> = {}): Journal {
  const journal = createJournal({ pool: test.db.pools.journal, ...options });
  journals.push(journal);
  return journal;
}
function execution(changes: Partial<NewExecution> = {}): NewExecution {
  return { id: uuidv7(), workspaceId, agentId: uuidv7(), trigger: "api", input: { name: "Ada" }, startedAt: new Date(), ...changes };
}
function step(key: string, startedAt = Date.now()): StepRecord {
  return {
    key,
    nodeId: key.split("#")[0] ?? key,
    startedAt,
    durationMs: 1.5,
    attempts: 1,
    status: "completed",
    output: { key },
    ports: ["out"],
  };
}
const completed: RunOutcome = {
  status: "completed",
  output: { ok: true },
  usage: { inputTokens: 3, outputTokens: 4 },
  steps: 2,
  durationMs: 12.4,
};
const find = (id: string) => test.db.prismaFor(workspaceId).execution.findFirst({ where: { id } });

describe("a run", () => {
  it("is on disk when it is accepted, and its outcome and steps when it is finished", async () => {
    const journal = openJournal();
    const accepted = execution({ conversationId: "c1", actor: "user:1" });
    const run = await journal.accept(accepted);
    expect(await find(accepted.id)).toMatchObject({ status: "RUNNING", input: { name: "Ada" }, conversationId: "c1", leaseEpoch: 1 });
    run.append(step("trigger#", 1));
    run.append({
      ...step("answer#", 2),
      modelCalls: [{ provider: "p", model: "m", usage: completed.usage, costUsd: 0.25, durationMs: 1 }],
    });
    await run.finish(completed);
    expect(await find(accepted.id)).toMatchObject({
      status: "COMPLETED", output: { ok: true }, error: null, tokensUsed: 7, costUsd: 0.25, latency: 12, steps: 2, leaseOwner: null,
    }); // prettier-ignore
    expect((await journal.loadSteps(workspaceId, accepted.id)).map((each) => each.key)).toEqual(["trigger#", "answer#"]);
  });

  it("keeps the error of a failure", async () => {
    const accepted = execution();
    const run = await openJournal().accept(accepted);
    const error = { code: "step_timeout", message: "Too slow", nodeId: "call" } as const;
    await run.finish({ status: "failed", error, usage: { inputTokens: 0, outputTokens: 0 }, steps: 1, durationMs: 1 });
    expect(await find(accepted.id)).toMatchObject({ status: "FAILED", output: null, error });
  });

  it("writes steps soon, without waiting for the end", async () => {
    const journal = openJournal({ flushAfterMs: 5 });
    const accepted = execution();
    const run = await journal.accept(accepted);
    run.append(step("a#"));
    await run.flush();
    expect(await journal.loadSteps(workspaceId, accepted.id)).toHaveLength(1);
    run.append(step("b#"));
    await expect.poll(() => journal.loadSteps(workspaceId, accepted.id)).toHaveLength(2);
  });

  it("keeps the first outcome of a step that is written twice", async () => {
    const journal = openJournal();
    const accepted = execution();
    const run = await journal.accept(accepted);
    run.append(step("a#", 1));
    await run.flush();
    run.append({ ...step("a#", 2), output: "second" } as StepRecord);
    await run.finish(completed);
    expect(await journal.loadSteps(workspaceId, accepted.id)).toEqual([step("a#", 1)]);
  });

  it("ends once", async () => {
    const accepted = execution();
    const run = await openJournal().accept(accepted);
    await run.finish(completed);
    await expect(run.finish({ ...completed, output: "again" })).rejects.toThrow(LeaseLostError);
    expect(await find(accepted.id)).toMatchObject({ output: { ok: true } });
  });
});

describe("many runs at once", () => {
  it("share commits and stay apart, across workspaces", async () => {
    const journal = openJournal();
    const other = await test.createUser();
    const executions = Array.from({ length: 500 }, (_, index) =>
      execution({ input: { index }, workspaceId: index % 2 === 0 ? workspaceId : other.workspaceId }),
    );
    await Promise.all(
      executions.map(async (each, index) => {
        const run = await journal.accept(each);
        run.append(step("only#"));
        await run.finish({ ...completed, output: { index } });
      }),
    );
    expect(await commitsOf(executions.map((each) => each.id))).toBeLessThan(100);
    for (const tenant of [workspaceId, other.workspaceId]) {
      const rows = await test.db.prismaFor(tenant).execution.findMany({ where: { id: { in: executions.map((each) => each.id) } } });
      expect(rows).toHaveLength(250);
      expect(rows.every((row) => row.status === "COMPLETED" && JSON.stringify(row.input) === JSON.stringify(row.output))).toBe(true);
    }
  });

  it("are refused one by one, not with their neighbours", async () => {
    const journal = openJournal();
    const good = Array.from({ length: 5 }, () => execution());
    const bad = execution({ conversationId: "not\u0000text" });
    const results = await Promise.allSettled([...good.slice(0, 2), bad, ...good.slice(2)].map((each) => journal.accept(each)));
    expect(results.map((result) => result.status)).toEqual(["fulfilled", "fulfilled", "rejected", "fulfilled", "fulfilled", "fulfilled"]);
    expect(await find(good[4]?.id ?? "")).not.toBeNull();
  });
});

describe("a lease", () => {
  it("passes to another process when it runs out, with the recorded steps, and the late owner is refused", async () => {
    const late = openJournal({ leaseMs: 1 });
    const accepted = execution({ config: { nodes: [] } });
    const lateRun = await late.accept(accepted);
    lateRun.append(step("a#"));
    await lateRun.flush();
    await sleep(5);
    const [claimed] = await openJournal().claim(10);
    expect(claimed).toMatchObject({ id: accepted.id, workspaceId, config: { nodes: [] }, input: { name: "Ada" }, isCancelled: false });
    expect(claimed?.recorded.map((each) => each.key)).toEqual(["a#"]);
    lateRun.append(step("late#"));
    await expect(lateRun.flush()).rejects.toThrow(LeaseLostError);
    lateRun.append(step("later#"));
    await expect(lateRun.finish({ ...completed, output: "late" })).rejects.toThrow(LeaseLostError);
    await claimed?.run.finish(completed);
    expect(await find(accepted.id)).toMatchObject({ status: "COMPLETED", output: { ok: true }, leaseEpoch: 2 });
    expect(await late.loadSteps(workspaceId, accepted.id)).toHaveLength(1);
  });

  it("is renewed while its process lives, so that nobody else takes the run", async () => {
    const accepted = execution();
    const run = await openJournal({ renewEveryMs: 20 }).accept(accepted);
    const expiry = async (): Promise<number> => (await find(accepted.id))?.leaseExpiresAt?.getTime() ?? 0;
    const first = await expiry();
    await expect.poll(expiry).toBeGreaterThan(first);
    expect(await openJournal().claim(10)).toEqual([]);
    await run.finish(completed);
  });

  it("tells its owner that it was lost or that a cancel was asked for", async () => {
    const told: [string, Interruption][] = [];
    const journal = openJournal({ renewEveryMs: 20 });
    const [cancelled, lost] = [execution(), execution()];
    await journal.accept(cancelled, (why) => told.push(["cancelled run", why]));
    await journal.accept(lost, (why) => told.push(["lost run", why]));
    await test.db.prismaFor(workspaceId).execution.updateMany({ where: { id: cancelled.id }, data: { cancelRequestedAt: new Date() } });
    await test.asOwner((client) => client.query("UPDATE executions SET lease_epoch = 9 WHERE id = $1", [lost.id]));
    await expect.poll(() => told).toContainEqual(["cancelled run", "cancelled"]);
    await expect.poll(() => told).toContainEqual(["lost run", "lost"]);
  });

  it("can be claimed at once where its process is known to be gone, but never taken from a living journal", async () => {
    const [gone, alive] = [openJournal(), openJournal()];
    const [abandoned, kept] = [execution(), execution()];
    await gone.accept(abandoned);
    const run = await alive.accept(kept);
    await alive.outlive();
    // Among them are those that the tests before have left lying.
    const claimed = await alive.claim(50);
    expect(claimed.map((each) => each.id)).toContain(abandoned.id);
    expect(claimed.map((each) => each.id)).not.toContain(kept.id);
    await Promise.all([run, ...claimed.map((each) => each.run)].map((each) => each.finish(completed)));
  });

  it("is not waited for while another process is taking it", async () => {
    const journal = openJournal();
    const [taken, free] = [execution(), execution()];
    await Promise.all([journal.enqueue(taken), journal.enqueue(free)]);
    await test.asOwner(async (client) => {
      await client.query("BEGIN");
      await client.query("SELECT FROM executions WHERE id = $1 FOR UPDATE", [taken.id]);
      const claimed = await journal.claim(10);
      expect(claimed.map((each) => each.id)).toEqual([free.id]);
      await claimed[0]?.run.finish(completed);
      await client.query("COMMIT");
    });
    const [rest] = await journal.claim(10);
    await rest?.run.finish(completed);
  });

  it("is taken by one of two processes that want it, and given up at once on release", async () => {
    const [one, two] = [openJournal(), openJournal()];
    const waiting = Array.from({ length: 20 }, () => execution());
    await Promise.all(waiting.map((each) => one.enqueue(each)));
    const claimed = (await Promise.all([one.claim(20), two.claim(20), one.claim(20)])).flat();
    expect(claimed.map((each) => each.id).toSorted()).toEqual(waiting.map((each) => each.id).toSorted());
    await claimed[0]?.run.release();
    const [again] = await two.claim(20);
    expect(again?.id).toBe(claimed[0]?.id);
    await Promise.all([again, ...claimed.slice(1)].map((each) => each?.run.finish(completed)));
  });
});

/** In how many transactions the outcomes were written. */
async function commitsOf(ids: string[]): Promise<number> {
  return test.asOwner(async (client) => {
    const { rows } = await client.query<{ n: number }>("SELECT count(DISTINCT xmin::text)::int AS n FROM executions WHERE id = ANY ($1)", [
      ids,
    ]);
    return rows[0]?.n ?? 0;
  });
}
