import { setImmediate as nextTurn } from "node:timers/promises";
import type { RunOutcome, StepRecord } from "@heddle/schema";
import { describe, expect, it } from "vitest";
import { LeasedRun, type RunHost } from "./leased-run.ts";

const step: StepRecord = { key: "a#", nodeId: "a", startedAt: 1, durationMs: 1, attempts: 1, status: "completed", output: 1, ports: [] };
const outcome: RunOutcome = { status: "completed", output: 1, usage: { inputTokens: 0, outputTokens: 0 }, steps: 1, durationMs: 1 };

/** A run that is on disk, and what is written of it, each once it has got there. */
function runOn(written: string[]): LeasedRun {
  const write = async (what: string) => {
    // Whatever else would be written meanwhile overtakes it.
    if (what.startsWith("steps")) for (let turn = 0; turn < 10; turn += 1) await nextTurn();
    written.push(what);
    return true;
  };
  const host: RunHost = {
    writers: {
      accept: async () => undefined,
      complete: async () => undefined,
      append: ({ steps }) => write(`steps ${steps.length}`),
      finish: ({ steps }) => write(`outcome ${steps.length}`),
      leave: ({ status }) => write(status),
      wait: async () => undefined,
      release: async () => undefined,
    },
    watchAcceptance: () => undefined,
    watch: () => undefined,
    accepted: () => undefined,
    closed: () => undefined,
    onError: () => undefined,
  };
  return new LeasedRun(host, { lease: { workspaceId: "w", id: "e", epoch: 1 }, costUsd: null, onInterrupt: () => undefined });
}

describe("steps that are on their way to disk", () => {
  it.each([
    ["outcome 1", (run: LeasedRun) => run.finish(outcome)],
    ["WAITING", (run: LeasedRun) => run.suspend([], null)],
    ["PENDING", (run: LeasedRun) => run.retryAt(new Date(0), {})],
  ])("are not overtaken by %s, after which they would be refused", async (last, end) => {
    const written: string[] = [];
    const run = runOn(written);
    run.append(step);
    const flushed = run.flush();
    await nextTurn();
    run.append({ ...step, key: "b#" });
    await end(run);
    await flushed;
    expect(written).toEqual(["steps 1", last]);
  });

  it("are waited for by whoever asks for all to be there", async () => {
    const written: string[] = [];
    const run = runOn(written);
    run.append(step);
    run.fall();
    await nextTurn();
    await run.flush();
    expect(written).toEqual(["steps 1"]);
  });
});
