import { createTestDatabase, type TestDatabase } from "@heddle/testing/database";
import { uuidv7 } from "uuidv7";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { enqueueExecutions } from "./journal.ts";
import { claimQueued } from "./queue-statements.ts";
import { joinQueue, leaveQueue } from "./queue-turns.ts";

let test: TestDatabase;
let workspaceId: string;
let [one, other] = ["", ""];
beforeAll(async () => {
  test = await createTestDatabase();
});
beforeEach(async () => {
  ({ workspaceId } = await test.createUser());
  [one, other] = [uuidv7(), uuidv7()];
  await asOwner("TRUNCATE queue_workers");
  const executions = Array.from({ length: 400 }, () => ({
    id: uuidv7(),
    workspaceId,
    agentId: uuidv7(),
    trigger: "api",
    input: null,
    startedAt: new Date(),
  }));
  await enqueueExecutions(test.db.pools.journal, executions);
});
afterAll(() => test.close());

const asOwner = (text: string, values: unknown[] = []) => test.asOwner((client) => client.query(text, values));
const join = (owner: string) => joinQueue(test.db.pools.journal, owner);
/** Dates back when a worker was last heard of. */
const silence = (owner: string, seconds: number) =>
  asOwner("UPDATE queue_workers SET asked_at = now() - make_interval(secs => $2) WHERE owner = $1", [owner, seconds]);

async function claim(owner: string, limit: number, busy = 0) {
  const limits = { workspace: 1_000, areCallsCounted: false, agents: new Map() };
  const { rows, ...rest } = await claimQueued(test.db.pools.journal, { workspaceId, owner, leaseMs: 30_000, limit, busy, limits });
  return { count: rows.length, ...rest };
}

describe("a worker", () => {
  it("that is alone takes as much as it likes", async () => {
    await join(one);
    expect(await claim(one, 150)).toEqual({ count: 150, isMoreDue: true, isAhead: false });
    expect(await claim(one, 150)).toEqual({ count: 150, isMoreDue: true, isAhead: false });
  });

  it("takes turns with another that asks too, whichever was first", async () => {
    await join(one);
    await join(other);
    expect(await claim(one, 50)).toEqual({ count: 40, isMoreDue: true, isAhead: true });
    expect(await claim(one, 50)).toEqual({ count: 0, isMoreDue: true, isAhead: true });
    expect((await claim(other, 100)).count).toBeGreaterThanOrEqual(78);
    const last = await claim(one, 30);
    expect(last).toEqual({ count: 30, isMoreDue: true, isAhead: false });
  });

  it("shares work of all workspaces, not of each", async () => {
    await join(one);
    await join(other);
    await claim(one, 40);
    ({ workspaceId } = await test.createUser());
    expect(await claim(one, 20)).toEqual({ count: 0, isMoreDue: false, isAhead: true });
  });

  it("waits for none that asks no more", async () => {
    await join(one);
    await join(other);
    await silence(other, 2);
    expect(await claim(one, 100)).toMatchObject({ count: 100, isAhead: false });
  });

  it("waits for none that has left", async () => {
    await join(one);
    await join(other);
    await leaveQueue(test.db.pools.journal, other);
    expect(await claim(one, 100)).toMatchObject({ count: 100, isAhead: false });
  });

  it("waits for none that is busier than it is itself and has half of its slots taken", async () => {
    await join(one);
    await claim(other, 1, 0.6);
    expect(await claim(one, 100, 0.1)).toMatchObject({ count: 100, isAhead: false });
    expect(await claim(one, 100, 0.7)).toMatchObject({ count: 0, isAhead: true });
  });

  it("that is new shares what comes from now on", async () => {
    await join(one);
    await claim(one, 150);
    await join(other);
    const { count } = await claim(one, 50);
    // What they took fades a little between two claims.
    expect(count).toBeGreaterThanOrEqual(38);
    expect(count).toBeLessThanOrEqual(40);
    expect((await claim(other, 100)).count).toBeLessThanOrEqual(80);
  });

  it("that could take nothing for long does not take all that it missed", async () => {
    await join(one);
    await join(other);
    await asOwner("UPDATE queue_workers SET load = 1000 WHERE owner = $1", [one]);
    // All that it may catch up with, and as much as it may be ahead.
    expect(await claim(other, 350)).toMatchObject({ isMoreDue: true, isAhead: true });
    expect((await claim(other, 350)).count).toBeLessThan(5);
    expect((await claim(one, 350)).count).toBeGreaterThan(30);
  });
});
