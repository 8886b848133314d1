import type { RunOutcome, StepRecord } from "@heddle/schema";
import { createTestDatabase, type TestDatabase } from "@heddle/testing/database";
import { uuidv7 } from "uuidv7";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createJournal, type Journal, type JournalOptions, LeaseLostError, type NewExecution } from "./journal.ts";

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
function step(key: string): StepRecord {
  return { key, nodeId: "n", startedAt: 1, durationMs: 1.5, attempts: 1, status: "completed", output: { key }, ports: ["out"] };
}
const completed: RunOutcome = {
  status: "completed",
  output: { ok: true },
  usage: { inputTokens: 3, outputTokens: 4 },
  steps: 2,
  durationMs: 12.4,
};
const find = (id: string) => test.db.prismaFor(workspaceId).execution.findFirst({ where: { id } });
const partsOf = (id: string) => test.db.prismaFor(workspaceId).executionTrace.count({ where: { executionId: id } });

describe("a run that ends soon", () => {
  it("is nothing on disk before, and one row with its steps and outcome after", async () => {
    const journal = openJournal({ acceptAfterMs: 10_000 });
    const short = execution({ conversationId: "c1" });
    const run = journal.begin(short);
    run.append(step("a#"));
    run.append(step("b#"));
    expect(await find(short.id)).toBeNull();
    await run.finish(completed);
    expect(await find(short.id)).toMatchObject({
      status: "COMPLETED",
      output: { ok: true },
      conversationId: "c1",
      tokensUsed: 7,
      leaseEpoch: 1,
    });
    expect(await partsOf(short.id)).toBe(0);
    expect((await journal.loadSteps(workspaceId, short.id)).map(({ key }) => key)).toEqual(["a#", "b#"]);
  });

  it("is on disk as soon as something asks for it", async () => {
    const journal = openJournal({ acceptAfterMs: 10_000 });
    const asked = execution();
    const run = journal.begin(asked);
    await Promise.all([run.accepted(), run.accepted()]);
    expect(await find(asked.id)).toMatchObject({ status: "RUNNING", leaseOwner: journal.owner });
    run.append(step("a#"));
    await run.finish(completed);
    expect(await partsOf(asked.id)).toBe(0);
    expect(await journal.loadSteps(workspaceId, asked.id)).toHaveLength(1);
  });

  it("is accepted by itself once it takes longer, and keeps what was written before its outcome", async () => {
    const journal = openJournal({ acceptAfterMs: 5, flushAfterMs: 5 });
    const long = execution();
    const run = journal.begin(long);
    run.append(step("a#"));
    await expect.poll(() => partsOf(long.id)).toBe(1);
    expect(await find(long.id)).toMatchObject({ status: "RUNNING" });
    run.append(step("b#"));
    await expect.poll(() => partsOf(long.id)).toBe(2);
    run.append(step("c#"));
    await run.finish(completed);
    expect((await journal.loadSteps(workspaceId, long.id)).map(({ key }) => key)).toEqual(["a#", "b#", "c#"]);
  });

  it("is refused where its id is taken, whole", async () => {
    const journal = openJournal({ acceptAfterMs: 10_000 });
    const first = execution();
    await journal.begin(first).finish(completed);
    await expect(journal.begin(first).finish({ ...completed, output: "again" })).rejects.toThrow(/executions/);
    expect(await find(first.id)).toMatchObject({ output: { ok: true } });
  });

  it("keeps every character of inputs and outputs, and refuses control characters where they would be lost", async () => {
    const journal = openJournal();
    const odd = { text: 'tab\tline\nquote"slash\\ \u0001\u001e\u001f\u0000 ende 💡 \ud800' };
    const kept = execution({ input: odd });
    const run = journal.begin(kept);
    await run.finish({ ...completed, output: odd });
    expect(JSON.stringify((await find(kept.id))?.output)).toBe(JSON.stringify(odd));
    expect(() => journal.begin(execution({ conversationId: "a\u001fb" }))).toThrow(/control characters/);
  });
});

describe("a run that is put away", () => {
  it("waits with its steps on disk, and is claimed once an answer has come", async () => {
    const journal = openJournal();
    const waiting = execution();
    const run = await journal.accept(waiting);
    run.append(step("a#"));
    await run.suspend([{ key: "ask#", nodeId: "ask", kind: "approval", dueAt: null, request: { title: "Pay?" } }], null);
    expect(await find(waiting.id)).toMatchObject({ status: "WAITING", leaseOwner: null, leaseExpiresAt: null });
    expect(await journal.claim(10)).toEqual([]);

    const answer = { outcome: "approved", at: 5, values: {} };
    await test.asOwner((client) =>
      client.query(
        `WITH w AS (UPDATE execution_waits SET resolved_at = now(), resolution = $2 WHERE execution_id = $1)
         UPDATE executions SET lease_expires_at = now() WHERE id = $1`,
        [waiting.id, JSON.stringify(answer)],
      ),
    );
    const [claimed] = await journal.claim(10);
    expect(claimed).toMatchObject({ id: waiting.id, resolutions: [{ key: "ask#", resolution: answer }] });
    expect(claimed?.recorded.map(({ key }) => key)).toEqual(["a#"]);
    await claimed?.run.finish(completed);
  });

  it("wakes by the clock, or at once where its answer came before it slept", async () => {
    const journal = openJournal();
    const [timed, answered] = [execution(), execution()];
    const wait = { key: "w#", nodeId: "w", kind: "webhook" as const, dueAt: null, request: {} };
    await (await journal.accept(timed)).suspend([{ ...wait, kind: "time", dueAt: Date.now() - 5 }], new Date(Date.now() - 5));
    const run = await journal.accept(answered);
    await test.asOwner((client) =>
      client.query(
        `INSERT INTO execution_waits (workspace_id, execution_id, key, node_id, kind, request, resolved_at, resolution)
         VALUES ($1, $2, 'w#', 'w', 'webhook', '{}', now(), '{}')`,
        [workspaceId, answered.id],
      ),
    );
    await run.suspend([wait], null);
    const claimed = await journal.claim(10);
    expect(claimed.map(({ id }) => id).toSorted()).toEqual([timed.id, answered.id].toSorted());
    await Promise.all(claimed.map((each) => each.run.finish(completed)));
  });

  it("comes back for another attempt not before its time, with what it had done", async () => {
    const journal = openJournal();
    const failed = execution();
    const run = await journal.accept(failed);
    run.append(step("a#"));
    await run.retryAt(new Date(Date.now() + 60_000), { code: "http_failed", message: "Away" });
    expect(await find(failed.id)).toMatchObject({ status: "PENDING", attempt: 1, error: { code: "http_failed" } });
    expect(await journal.claim(10)).toEqual([]);
    await test.asOwner((client) => client.query("UPDATE executions SET lease_expires_at = now() WHERE id = $1", [failed.id]));
    const [again] = await journal.claim(10);
    expect(again).toMatchObject({ id: failed.id, attempt: 1 });
    expect(again?.recorded).toHaveLength(1);
    await expect(run.retryAt(new Date(), {})).rejects.toThrow(LeaseLostError);
    await again?.run.finish(completed);
    expect(await find(failed.id)).toMatchObject({ status: "COMPLETED", error: null });
  });
});
