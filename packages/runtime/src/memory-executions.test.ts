import { randomUUID } from "node:crypto";
import type { RunOutcome, StepRecord } from "@heddle/schema";
import { describeJournal, type JournalSetup } from "@heddle/testing/journal-suite";
import { describeJournaledRuns } from "@heddle/testing/journaled-runs-suite";
import { VirtualClock } from "@heddle/testing/runtime/virtual-clock";
import { describe, expect, test } from "vitest";
import type { JournaledRequest, JournaledWait } from "./execution-journal.ts";
import { MemoryExecutions, type SavedExecutions } from "./memory-executions.ts";

describeJournal("memory", inMemory);
describeJournaledRuns("memory", inMemory, { runs: 60, seed: 1 });

async function inMemory(): Promise<JournalSetup> {
  const clock = new VirtualClock();
  let executions = new MemoryExecutions({ clock, keepEnded: 1_000 });
  return {
    open: () => executions.open(),
    control: {
      resolveWait: (answer) => executions.resolveWait(answer),
      requestCancel: (...run) => executions.requestCancel(...run),
      stateOf: (...run) => executions.stateOf(...run),
    },
    newId: randomUUID,
    workspaceId: "workspace",
    otherWorkspaceId: "stranger",
    now: clock.now,
    pass: async (ms) => clock.pass(ms),
    clear: async () => {
      executions = new MemoryExecutions({ clock, keepEnded: 1_000 });
    },
    close: async () => {},
  };
}

const clock = new VirtualClock(1_000_000);
const request = (id: string, changes: Partial<JournaledRequest> = {}): JournaledRequest => ({
  id,
  workspaceId: "w",
  agentId: "a",
  trigger: "api",
  input: id,
  startedAt: new Date(1_000),
  ...changes,
});
const step = (key: string): StepRecord => ({
  key, nodeId: "n", startedAt: 1, durationMs: 1, attempts: 1, status: "completed", output: key, ports: ["out"],
}); // prettier-ignore
const outcome: RunOutcome = { status: "completed", output: "done", usage: { inputTokens: 0, outputTokens: 0 }, steps: 1, durationMs: 1 };
const wait: JournaledWait = { key: "b#", nodeId: "b", kind: "webhook", dueAt: null, request: {} };
/** As a key-value store would have it in the next life. */
const revive = (executions: MemoryExecutions, keepEnded = 100): MemoryExecutions =>
  new MemoryExecutions({ clock, keepEnded, saved: JSON.parse(JSON.stringify(executions)) as SavedExecutions });

describe("runs in memory that were written down", () => {
  test("go on in the next life from what was flushed, under a new owner", async () => {
    const executions = new MemoryExecutions({ clock });
    const run = await executions.open().accept(request("1", { config: { nodes: [] } }));
    run.append(step("a#"));
    await run.flush();
    run.append(step("unsaved#"));
    const [taken] = await revive(executions).open().claim(10);
    expect(taken).toMatchObject({ id: "1", input: "1", config: { nodes: [] }, epoch: 2, startedAt: new Date(1_000) });
    expect(taken?.recorded).toEqual([step("a#")]);
  });

  test("wake at their time, and by answers that came before or come after", async () => {
    const executions = new MemoryExecutions({ clock });
    const journal = executions.open();
    const [timed, answered, open] = await Promise.all(["timed", "answered", "open"].map((id) => journal.accept(request(id))));
    await timed?.suspend([wait], new Date(clock.now() + 1_000));
    await open?.suspend([wait], null);
    await answered?.openWait(wait);
    const answer = { workspaceId: "w", key: "b#", resolution: "yes", resolvedBy: null };
    await executions.resolveWait({ ...answer, executionId: "answered" });
    await answered?.suspend([wait], null);
    const next = revive(executions);
    expect((await next.open().claim(10)).map(({ id }) => id)).toEqual(["answered"]);
    clock.pass(1_000);
    expect((await next.open().claim(10)).map(({ id }) => id)).toEqual(["timed"]);
    expect(await next.resolveWait({ ...answer, executionId: "answered" })).toBe(false);
    expect(await next.resolveWait({ ...answer, executionId: "open" })).toBe(true);
    expect((await next.open().claim(10)).map(({ id, resolutions }) => [id, resolutions.length])).toEqual([["open", 1]]);
  });

  test("keep their attempts, the cancels asked for and their outcomes", async () => {
    const executions = new MemoryExecutions({ clock });
    const journal = executions.open();
    const [failing, stopped, ended] = await Promise.all(["failing", "stopped", "ended"].map((id) => journal.accept(request(id))));
    await failing?.retryAt(new Date(clock.now()), new Error("Away."));
    await executions.requestCancel("w", "stopped");
    await stopped?.release();
    await ended?.finish(outcome);
    const next = revive(executions);
    expect((await next.open().claim(10)).map(({ id, attempt, isCancelled }) => [id, attempt, isCancelled])).toEqual([
      ["failing", 1, false],
      ["stopped", 0, true],
    ]);
    expect(await next.stateOf("w", "ended")).toEqual({ status: "COMPLETED", output: "done", error: null });
  });
});

describe("runs in memory that have ended", () => {
  test("are forgotten, the first to end first, where there are more than are kept; those that go on never are", async () => {
    const executions = new MemoryExecutions({ clock, keepEnded: 2 });
    const journal = executions.open();
    const runs = await Promise.all(["1", "2", "3", "4", "5"].map((id) => journal.accept(request(id))));
    for (const at of [3, 0, 4, 1]) await runs[at]?.finish(outcome);
    const known = async (from: MemoryExecutions) => {
      const states = await Promise.all(["1", "2", "3", "4", "5"].map((id) => from.stateOf("w", id)));
      return states.map((state) => state?.status);
    };
    expect(await known(executions)).toEqual([undefined, "COMPLETED", "RUNNING", undefined, "COMPLETED"]);
    await expect(runs[3]?.finish(outcome)).rejects.toThrow("has ended");
    expect(await known(revive(executions, 1))).toEqual([undefined, "COMPLETED", "RUNNING", undefined, undefined]);
  });
});
