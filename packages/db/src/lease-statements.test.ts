import { createTestDatabase, type TestDatabase } from "@heddle/testing/database";
import { uuidv7 } from "uuidv7";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createJournal, type Journal, type RunJournal } from "./journal.ts";
import { renewLeases } from "./lease-statements.ts";

let database: TestDatabase;
let journal: Journal;
let workspaceId: string;
beforeAll(async () => {
  database = await createTestDatabase();
  ({ workspaceId } = await database.createUser());
  journal = createJournal({ pool: database.db.pools.journal });
});
afterAll(async () => {
  journal.close();
  await database.close();
});

const LATER = new Date(Date.now() + 3_600_000);
const ways: [string, (run: RunJournal) => Promise<void>, Date | null][] = [
  ["suspended", (run) => run.suspend([{ key: "a#", nodeId: "a", kind: "webhook", dueAt: null, request: {} }], null), null],
  ["suspended for a time", (run) => run.suspend([], LATER), LATER],
  ["put back after a failure", (run) => run.retryAt(LATER, {}), LATER],
];

test.each(ways)("a renewal that comes late leaves the time alone at which a run is due that was %s", async (_name, leave, dueAt) => {
  const id = uuidv7();
  const run = await journal.accept({ id, workspaceId, agentId: uuidv7(), trigger: "api", input: null, startedAt: new Date() });
  await leave(run);
  expect(await renewLeases(database.db.pools.journal, [{ workspaceId, id, epoch: 1 }], 30_000)).toEqual([]);
  const row = await database.db.prismaFor(workspaceId).execution.findFirst({ where: { id } });
  expect(row?.leaseExpiresAt).toEqual(dueAt);
});

test("a renewal that comes late keeps nobody from a run that was released", async () => {
  const id = uuidv7();
  const run = await journal.accept({ id, workspaceId, agentId: uuidv7(), trigger: "api", input: null, startedAt: new Date() });
  await run.release();
  await renewLeases(database.db.pools.journal, [{ workspaceId, id, epoch: 1 }], 30_000);
  await expect.poll(async () => (await journal.claim(10)).map((each) => each.id)).toContain(id);
});
