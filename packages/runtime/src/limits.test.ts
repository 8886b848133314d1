import { HeddleError, type ModelCall } from "@heddle/schema";
import { documentOf } from "@heddle/testing/runtime/scripted-nodes";
import { inShort, runScripted, settle, startScriptedRun } from "@heddle/testing/runtime/scripted-run";
import { VirtualClock } from "@heddle/testing/runtime/virtual-clock";
import { describe, expect, test } from "vitest";

const chain = documentOf({ start: {}, a: {}, b: {} }, ["start>a", "a>b"]);
const forever = () => new Promise<never>(() => {});
const call = (tokens: number): ModelCall => ({ provider: "p", model: "m", usage: { inputTokens: tokens, outputTokens: 0 }, durationMs: 1 });

describe("cancellation", () => {
  test("is obeyed while nothing but the journal is waited for", async () => {
    let answer = (): void => {};
    const journal = { recorded: [], append: () => new Promise<void>((resolve) => (answer = resolve)) };
    const run = startScriptedRun(documentOf({ start: {}, a: {} }, ["start>a"]), {}, { journal });
    await settle();
    run.cancel();
    answer();
    expect(await run.outcome).toMatchObject({ status: "cancelled", steps: 1 });
  });

  test("is looked for without the signal where that is made on demand, until something goes on beyond the first turn", async () => {
    const asked = { signal: AbortSignal.abort(), isAborted: false };
    expect((await runScripted(chain, {}, asked)).outcome).toMatchObject({ status: "completed" });
    expect((await runScripted(chain, { a: forever }, asked)).outcome).toMatchObject({ status: "cancelled", steps: 2 });
    expect((await runScripted(chain, {}, { isAborted: true })).outcome).toMatchObject({ status: "cancelled", steps: 0 });
  });

  test("is obeyed at once, even by a handler that ignores its signal, and gives one outcome", async () => {
    const { promise, resolve } = Promise.withResolvers<{ output: string }>();
    const run = startScriptedRun(chain, { a: () => promise });
    await settle();
    run.cancel();
    expect(await run.outcome).toMatchObject({ status: "cancelled", error: { code: "run_cancelled" }, steps: 2 });
    resolve({ output: "late" });
    await settle();
    expect(inShort(run.events)).toEqual(["started start", "completed start", "started a", "run cancelled"]);
    expect(run.journal.appended).toHaveLength(1);
    expect(run.clock.sleeping).toBe(0);
  });

  test("before the start runs nothing", async () => {
    const { outcome, events } = await runScripted(chain, {}, { signal: AbortSignal.abort() });
    expect(outcome).toMatchObject({ status: "cancelled", steps: 0 });
    expect(inShort(events)).toEqual(["run cancelled"]);
  });

  test("with another reason hands the run over without an outcome", async () => {
    const run = startScriptedRun(chain, { a: forever });
    await settle();
    run.cancel(new HeddleError("unavailable", "The server is shutting down."));
    await expect(run.outcome).rejects.toMatchObject({ code: "unavailable" });
    expect(inShort(run.events)).not.toContain("run cancelled");
  });

  test("waits for a write that is under way, so that the outcome is the last thing told", async () => {
    const written = Promise.withResolvers<void>();
    const journal = { recorded: [], append: () => written.promise };
    const run = startScriptedRun(chain, {}, { journal });
    await settle();
    run.cancel();
    await settle();
    expect(inShort(run.events)).toEqual(["started start"]);
    written.resolve();
    expect(await run.outcome).toMatchObject({ status: "cancelled" });
  });
});

describe("a journal that fails", () => {
  test.for([
    [
      "throws",
      () => {
        throw new Error("disk full");
      },
    ],
    ["rejects", () => Promise.reject(new Error("disk full"))],
  ] as const)("and %s stops the run without an outcome", async ([, append]) => {
    const run = startScriptedRun(chain, {}, { journal: { recorded: [], append } });
    await expect(run.outcome).rejects.toMatchObject({ code: "unavailable", cause: expect.objectContaining({ message: "disk full" }) });
    expect(inShort(run.events)).toEqual(["started start"]);
  });

  test("with an error of its own passes that on", async () => {
    const append = () => {
      throw new HeddleError("conflict", "Another worker has the run.");
    };
    await expect(runScripted(chain, {}, { journal: { recorded: [], append } })).rejects.toMatchObject({ code: "conflict" });
  });
});

test.for([1, 3, 5, 7])("a clock that fails at its call %i stops the run instead of leaving it hanging", async (last) => {
  let calls = 0;
  const now = () => {
    calls += 1;
    if (calls > last) throw new Error("no time");
    return 1;
  };
  const faults: unknown[] = [];
  const run = startScriptedRun(
    chain,
    { a: async () => ({ output: 1 }) },
    {
      clock: Object.assign(new VirtualClock(), { now }),
      run: { executionId: "e", agentId: "a", workspaceId: "w", startedAt: 1, isDeployed: true },
      onFault: (fault) => {
        faults.push(fault);
        throw new Error("the log is full as well");
      },
    },
  );
  await expect(run.outcome).rejects.toMatchObject({ code: "internal" });
  expect(faults.length).toBeGreaterThan(0);
});

describe("limits", () => {
  test.for([
    ["caller", { limits: { maxSteps: 2 } }, {}],
    ["document", { limits: { maxSteps: 9 } }, { maxSteps: 2 }],
  ] as const)("steps end the run, set by the %s", async ([, options, limits]) => {
    const document = { ...chain, settings: { limits } };
    const { outcome, journal } = await runScripted(document, {}, options);
    expect(outcome).toMatchObject({ status: "failed", error: { code: "step_limit", nodeId: "b" }, steps: 2 });
    expect(journal.appended).toHaveLength(2);
  });

  test("1,000 steps are allowed by default", async () => {
    const ids = Array.from({ length: 1_000 }, (_, index) => `n${index}`);
    const document = documentOf(
      { start: {}, ...Object.fromEntries(ids.map((id) => [id, {}])) },
      ids.map((id) => `start>${id}`),
    );
    expect((await runScripted(document)).outcome).toMatchObject({ error: { code: "step_limit" }, steps: 1_000 });
  });

  test("time ends the run", async () => {
    const document = documentOf({ start: {}, a: { timeoutMs: 100_000 } }, ["start>a"]);
    const run = startScriptedRun(document, { a: forever }, { limits: { maxDurationMs: 60_000 } });
    await run.clock.advance(59_999);
    expect(inShort(run.events).at(-1)).toBe("started a");
    await run.clock.advance(1);
    expect(await run.outcome).toMatchObject({ status: "failed", error: { code: "run_timeout" }, durationMs: 60_000 });
  });

  test("time that passed before a resume counts, time in which nobody ran it does not", async () => {
    const document = documentOf({ start: {}, a: { timeoutMs: 100_000 } }, ["start>a"]);
    const startedAt = 1_600_000_000_000;
    const recorded = [
      {
        key: "start#",
        nodeId: "start",
        startedAt,
        durationMs: 40_000,
        attempts: 1,
        status: "completed" as const,
        output: null,
        ports: ["out"],
      },
    ];
    const run = startScriptedRun(
      document,
      { a: forever },
      {
        recorded,
        limits: { maxDurationMs: 60_000 },
        run: { executionId: "e", agentId: "a", workspaceId: "w", startedAt, isDeployed: true },
      },
    );
    await run.clock.advance(20_000);
    expect(await run.outcome).toMatchObject({ error: { code: "run_timeout" } });
  });

  test("tokens end the run whatever the node's policy, and a handler that goes on regardless", async () => {
    const document = documentOf({ start: {}, a: { onError: "continue" }, b: {} }, ["start>a", "a>b"]);
    const { outcome, events } = await runScripted(
      document,
      {
        a: async ({ recordModelCall }) => {
          recordModelCall(call(60));
          try {
            recordModelCall(call(60));
          } catch {
            // A handler that swallows the limit must not get past it.
          }
          return { output: "went on" };
        },
      },
      { limits: { maxTokens: 100 } },
    );
    expect(outcome).toMatchObject({ status: "failed", error: { code: "token_limit", nodeId: "a" }, usage: { inputTokens: 120 } });
    expect(inShort(events).slice(2)).toEqual(["started a", "failed a", "run failed"]);
  });

  test("usage adds up over steps and over what was recorded before", async () => {
    const scripts = {
      a: () => ({ output: 1 }),
      b: ({ recordModelCall }: { recordModelCall: (made: ModelCall) => void }) => {
        recordModelCall(call(5));
        return { output: 2 };
      },
    };
    const first = await runScripted(chain, {
      ...scripts,
      a: ({ recordModelCall }) => {
        recordModelCall(call(7));
        return { output: 1 };
      },
    });
    expect(first.outcome).toMatchObject({ usage: { inputTokens: 12, outputTokens: 0 }, steps: 3 });
    const resumed = await runScripted(chain, scripts, { recorded: first.journal.appended.slice(0, 2) });
    expect(resumed.outcome).toMatchObject({ usage: { inputTokens: 12, outputTokens: 0 }, steps: 3 });
  });
});
