import { createTestDatabase, type TestDatabase } from "@heddle/testing/database";
import { uuidv7 } from "uuidv7";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createJournal, type Journal, type NewExecution } from "./journal.ts";
import { claimIdle, claimQueued, dueWorkspaces, queueDepth, type QueueClaim, type QueueLimits } from "./queue-statements.ts";

let test: TestDatabase;
let journal: Journal;
let workspaceId: string;
beforeAll(async () => {
  test = await createTestDatabase();
  journal = createJournal({ pool: test.db.pools.journal });
});
beforeEach(async () => {
  ({ workspaceId } = await test.createUser());
  await asOwner("TRUNCATE queue_workers");
});
afterAll(async () => {
  journal.close();
  await test.close();
});

const OWNER = uuidv7();
const unlimited: QueueLimits = { workspace: 1_000, areCallsCounted: false, agents: new Map() };

async function enqueue(changes: Partial<NewExecution> = {}): Promise<string> {
  const id = uuidv7();
  await journal.enqueue({ id, workspaceId, agentId: uuidv7(), trigger: "api", input: null, startedAt: new Date(), ...changes });
  return id;
}

function claim(changes: Partial<QueueClaim> = {}) {
  return claimQueued(test.db.pools.journal, {
    workspaceId,
    owner: OWNER,
    leaseMs: 30_000,
    limit: 10,
    busy: 0,
    limits: unlimited,
    ...changes,
  });
}

const claimRuns = () =>
  journal.claim(1, undefined, async (pool, owner, leaseMs, limit) => {
    const { rows } = await claimQueued(pool, { workspaceId, owner, leaseMs, limit, busy: 0, limits: unlimited });
    return rows;
  });
const asOwner = (text: string, values: unknown[] = []) => test.asOwner((client) => client.query(text, values));
const rowOf = (id: string) => test.db.prismaFor(workspaceId).execution.findFirstOrThrow({ where: { id } });
const expire = (id: string) => asOwner("UPDATE executions SET lease_expires_at = now() WHERE id = $1", [id]);

describe("claiming", () => {
  it("takes the highest priority first, then the oldest, and says whether more are due", async () => {
    const [old, high, young] = [await enqueue(), await enqueue({ priority: 5 }), await enqueue()];
    const first = await claim({ limit: 2 });
    expect(first.rows.map((row) => row.id).toSorted()).toEqual([old, high].toSorted());
    expect(first.isMoreDue).toBe(true);
    expect(await rowOf(high)).toMatchObject({ status: "RUNNING", leaseOwner: OWNER, leaseEpoch: 1 });
    const second = await claim();
    expect(second.rows.map((row) => row.id)).toEqual([young]);
    expect(second.isMoreDue).toBe(false);
  });

  it("leaves other workspaces, and what is not due yet", async () => {
    await enqueue({ availableAt: new Date(Date.now() + 60_000) });
    const other = (await test.createUser()).workspaceId;
    await enqueue({ workspaceId: other });
    expect((await claim()).rows).toEqual([]);
    expect(await dueWorkspaces(test.db.pools.journal)).toContain(other);
    expect(await dueWorkspaces(test.db.pools.journal)).not.toContain(workspaceId);
  });

  it("gives each run to one of many claimants", async () => {
    const ids = await Promise.all(Array.from({ length: 60 }, () => enqueue()));
    const claims = await Promise.all(Array.from({ length: 12 }, () => claim({ limit: 7 })));
    expect(claims.flatMap(({ rows }) => rows.map((row) => row.id)).toSorted()).toEqual(ids.toSorted());
  });

  it("keeps to the workspace's limit, however many claim at once", async () => {
    await Promise.all(Array.from({ length: 20 }, () => enqueue()));
    const limits = { ...unlimited, workspace: 7 };
    const claims = await Promise.all(Array.from({ length: 5 }, () => claim({ limits, limit: 3 })));
    expect(claims.flatMap(({ rows }) => rows)).toHaveLength(7);
    expect((await claim({ limits })).isMoreDue).toBe(true);
  });

  it("shares what the workspace may have between the workers that are there", async () => {
    await Promise.all(Array.from({ length: 40 }, () => enqueue()));
    const limits = { ...unlimited, workspace: 10 };
    const other = uuidv7();
    expect((await claim({ limits, limit: 4 })).rows).toHaveLength(4);
    expect((await claim({ limits, owner: other, limit: 2 })).rows).toHaveLength(2);
    // Five each: one is left to the first, though four are free.
    expect((await claim({ limits })).rows).toHaveLength(1);
    expect((await claim({ limits, owner: other })).rows).toHaveLength(3);
    expect((await claim({ limits })).rows).toHaveLength(0);
    await asOwner("UPDATE executions SET status = 'COMPLETED', lease_expires_at = NULL WHERE lease_owner = $1", [other]);
    // Who is alone has it all.
    expect((await claim({ limits })).rows).toHaveLength(5);
  });

  it("counts the runs of waiting callers only where the limit is meant for them", async () => {
    await journal.accept({ id: uuidv7(), workspaceId, agentId: uuidv7(), trigger: "api", input: null, startedAt: new Date() });
    await enqueue();
    expect((await claim({ limits: { ...unlimited, workspace: 1, areCallsCounted: true } })).rows).toHaveLength(0);
    expect((await claim({ limits: { ...unlimited, workspace: 1 } })).rows).toHaveLength(1);
  });

  it("passes over the backlog of an agent that is at its limit", async () => {
    const agentId = uuidv7();
    for (let index = 0; index < 6; index++) await enqueue({ agentId });
    const other = await enqueue();
    const limits = { ...unlimited, agents: new Map([[agentId, 2]]) };
    expect((await claim({ limits, limit: 5 })).rows).toHaveLength(2);
    expect((await claim({ limits, limit: 5 })).rows.map((row) => row.id)).toEqual([other]);
  });
});

describe("a run whose owner vanished", () => {
  it("is taken again, and counts as crashed until it gets on", async () => {
    const id = await enqueue();
    await claim();
    for (const crashes of [1, 2]) {
      await expire(id);
      expect((await claim()).rows).toMatchObject([{ id, crashes }]);
    }
    await expire(id);
    const [again] = await claimRuns();
    again?.run.append({ key: "a#", nodeId: "a", startedAt: 1, durationMs: 1, attempts: 1, status: "completed", output: 1, ports: ["out"] });
    await again?.run.flush();
    await expire(id);
    expect((await claim()).rows).toMatchObject([{ id, crashes: 1 }]);
  });

  it("has not crashed where its owner let go of it", async () => {
    const id = await enqueue();
    const [run] = await claimRuns();
    await run?.run.release();
    expect((await claim()).rows).toMatchObject([{ id, crashes: 0 }]);
  });
});

describe("runs that were claimed and could not be loaded", () => {
  it("are left to others at once", async () => {
    const id = await enqueue();
    await claim();
    await expire(id);
    const pool = test.db.pools.journal;
    const failing = Object.assign(Object.create(pool) as typeof pool, {
      query: (query: { name?: string }) =>
        query.name === "journal-load" ? Promise.reject(new Error("no connection")) : pool.query(query as never),
    });
    const unlucky = createJournal({ pool: failing });
    const attempt = unlucky.claim(1, undefined, async (_, owner, leaseMs, limit) => (await claimQueued(pool, { workspaceId, owner, leaseMs, limit, busy: 0, limits: unlimited })).rows); // prettier-ignore
    await expect(attempt).rejects.toThrow("no connection");
    unlucky.close();
    expect((await claim()).rows).toMatchObject([{ id, epoch: 3, crashes: 1 }]);
  });
});

describe("a run that waits", () => {
  it("is taken when its time has come", async () => {
    const id = await enqueue();
    await claim();
    await asOwner(
      "UPDATE executions SET status = 'WAITING', lease_owner = NULL, lease_expires_at = now() + interval '1 hour' WHERE id = $1",
      [id],
    );
    expect((await claim()).rows).toEqual([]);
    await expire(id);
    expect(await dueWorkspaces(test.db.pools.journal)).toContain(workspaceId);
    expect((await claim()).rows).toMatchObject([{ id, crashes: 0 }]);
  });
});

describe("a run that nobody works on", () => {
  it("can be taken out of turn, and only then", async () => {
    const [waiting, begun] = [await enqueue({ availableAt: new Date(Date.now() + 60_000) }), await enqueue()];
    await claim({ limit: 1 });
    const idle = (id: string) => claimIdle(test.db.pools.journal, { workspaceId, id, owner: OWNER, leaseMs: 30_000 });
    expect(await idle(begun)).toEqual([]);
    expect(await idle(waiting)).toMatchObject([{ id: waiting, epoch: 1 }]);
    expect(await idle(waiting)).toEqual([]);
  });
});

describe("a run that fails after a worker took it", () => {
  it("leaves a dead letter, written with its outcome", async () => {
    const id = await enqueue({ input: { a: 1 } });
    const [run] = await claimRuns();
    const error = { code: "http_failed", message: "gone" } as const;
    await run?.run.finish({ status: "failed", error, usage: { inputTokens: 0, outputTokens: 0 }, steps: 0, durationMs: 1 });
    const [letter] = await test.db.prismaFor(workspaceId).deadLetter.findMany();
    expect(letter).toMatchObject({ executionId: id, input: { a: 1 }, error, attempts: 1, redrivenAs: null });
    expect(letter && letter.expiresAt.getTime() - letter.diedAt.getTime()).toBe(14 * 24 * 3_600_000);
  });

  it("leaves none where its caller got the failure", async () => {
    const run = await journal.accept({ id: uuidv7(), workspaceId, agentId: uuidv7(), trigger: "api", input: null, startedAt: new Date() });
    const error = { code: "http_failed", message: "gone" } as const;
    await run.finish({ status: "failed", error, usage: { inputTokens: 0, outputTokens: 0 }, steps: 0, durationMs: 1 });
    expect(await test.db.prismaFor(workspaceId).deadLetter.count()).toBe(0);
  });
});

describe("the queue's depth", () => {
  it("tells what is due and for how long, and what comes later", async () => {
    await asOwner("DELETE FROM executions");
    await enqueue({ availableAt: new Date(Date.now() - 5_000) });
    await enqueue({ availableAt: new Date(Date.now() + 60_000) });
    const depth = await queueDepth(test.db.pools.journal);
    expect(depth).toMatchObject({ due: 1, delayed: 1 });
    expect(depth.oldestMs).toBeGreaterThan(4_900);
    expect(depth.oldestMs).toBeLessThan(60_000);
  });
});
