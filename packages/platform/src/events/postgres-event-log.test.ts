import { connect, uuidv7 } from "@heddle/db";
import { createTestDatabase } from "@heddle/testing/database";
import { describeEventLog } from "@heddle/testing/event-log-suite";
import { expect, it } from "vitest";
import { createPostgresEventLog } from "./postgres-event-log.ts";

const onFault = (fault: unknown) => {
  throw fault;
};

describeEventLog("PostgreSQL", async () => {
  const test = await createTestDatabase();
  const other = connect({ urls: test.urls });
  return {
    logs: [createPostgresEventLog(test.db, onFault), createPostgresEventLog(other, onFault)],
    forget: () => test.asOwner(async (client) => void (await client.query("TRUNCATE execution_events"))),
    close: async () => {
      await other.close();
      await test.close();
    },
  };
});

it("shows no event before one with a lower position, which another process has not committed yet", async () => {
  const test = await createTestDatabase();
  const log = createPostgresEventLog(test.db, onFault);
  const run = { workspaceId: uuidv7(), agentId: uuidv7(), executionId: uuidv7() };
  const slow = await test.db.pools.journal.connect();
  await slow.query("BEGIN");
  await slow.query("SELECT heddle_keep_events(ARRAY[$1]::uuid[], ARRAY[$2]::uuid[], ARRAY[$3]::uuid[], '{1}', ARRAY[$4], '{}')", [
    run.workspaceId,
    uuidv7(),
    run.agentId,
    JSON.stringify({ event: { type: "run.started", at: 1 } }),
  ]);
  const kept = log.keep([{ ...run, id: 2, event: { type: "run.started", at: 1 } }]);
  const waiting = () =>
    test.asOwner(async (client) => (await client.query("SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")).rowCount);
  await expect.poll(waiting).toBe(1);
  expect(await log.ofAgent(run, "0", 10)).toEqual([]);
  await slow.query("COMMIT");
  slow.release();
  await kept;
  expect((await log.ofAgent(run, "0", 10)).map(({ id }) => id)).toEqual([1, 2]);
  await log.close();
  await test.close();
});
