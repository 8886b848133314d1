import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ExecutionJournal, ExecutionState } from "@heddle/runtime";
import { createTestDatabase } from "@heddle/testing/database";
import { describeJournal, type JournalSetup } from "@heddle/testing/journal-suite";
import { describeJournaledRuns } from "@heddle/testing/journaled-runs-suite";
import { uuidv7 } from "uuidv7";
import { createJournal } from "./journal.ts";
import { openRunLog } from "./logged-runs.ts";
import { resolveWait } from "./wait-statements.ts";

describeJournal("PostgreSQL", () => inPostgres());
describeJournal("PostgreSQL behind a log", () => inPostgres({ isLogged: true }));
describeJournaledRuns("PostgreSQL", () => inPostgres(), { runs: 8, seed: 2 });

async function inPostgres({ isLogged = false } = {}): Promise<JournalSetup> {
  const test = await createTestDatabase();
  const pool = test.db.pools.journal;
  const { workspaceId } = await test.createUser();
  const other = await test.createUser();
  const folder = await mkdtemp(join(tmpdir(), "heddle-run-log-"));
  const log = isLogged ? await openRunLog({ folder, pool, onError: (error) => console.error(error) }) : undefined;
  return {
    open: (): ExecutionJournal => createJournal({ pool, log, renewEveryMs: 50, flushAfterMs: 5 }),
    control: {
      resolveWait: (answer) => resolveWait(pool, answer),
      requestCancel: async (workspace, id) => {
        await test.db.prismaFor(workspace).execution.updateMany({ where: { id }, data: { cancelRequestedAt: new Date() } });
      },
      stateOf: async (workspace, id) => {
        await log?.landed();
        const row = await test.db.prismaFor(workspace).execution.findFirst({ where: { id } });
        return row === null ? undefined : ({ status: row.status, output: row.output, error: row.error } as ExecutionState);
      },
    },
    newId: uuidv7,
    workspaceId,
    otherWorkspaceId: other.workspaceId,
    now: Date.now,
    // Leases that are renewed look the same at any time.
    pass: async (ms) => {
      const passed = "UPDATE executions SET lease_expires_at = lease_expires_at - make_interval(secs => $1) WHERE status <> 'RUNNING'";
      await test.asOwner((client) => client.query(passed, [ms / 1_000]));
    },
    clear: async () => {
      await log?.landed();
      await test.asOwner((client) => client.query("DELETE FROM execution_waits"));
      await test.asOwner((client) => client.query("DELETE FROM execution_traces"));
      await test.asOwner((client) => client.query("DELETE FROM executions"));
    },
    close: async () => {
      await log?.close();
      await test.close();
      await rm(folder, { recursive: true });
    },
  };
}
