import { HeddleError, type StepRecord } from "@heddle/schema";
import { documentOf } from "@heddle/testing/runtime/scripted-nodes";
import { inShort, runScripted, settle, startScriptedRun } from "@heddle/testing/runtime/scripted-run";
import { describe, expect, test } from "vitest";

const retry = { maxAttempts: 4, initialDelayMs: 1_000, factor: 2, maxDelayMs: 3_000 };
const single = (a: object) => documentOf({ start: {}, a }, ["start>a"]);
const away = (options = {}) => new HeddleError("http_failed", "The server is away.", options);

/** Fails as often as there are errors, then succeeds. */
const failing = (errors: unknown[]) => {
  let tries = 0;
  return () => {
    tries += 1;
    if (tries <= errors.length) throw errors[tries - 1];
    return { output: `try ${tries}` };
  };
};

describe("retry", () => {
  test("waits longer each time, up to the cap, and tells so", async () => {
    const run = startScriptedRun(single({ retry }), { a: failing([away(), away(), away()]) });
    await run.clock.advance(1_000 + 2_000 + 3_000);
    expect(await run.outcome).toMatchObject({ status: "completed", output: "try 4" });
    expect(inShort(run.events).slice(2)).toEqual([
      "started a",
      "retrying a in 1000",
      "retrying a in 2000",
      "retrying a in 3000",
      "completed a",
      "run completed",
    ]);
    expect(run.journal.appended.at(-1)).toMatchObject({ attempts: 4, durationMs: 6_000 });
  });

  test("spreads half of each wait by chance", async () => {
    const run = startScriptedRun(single({ retry }), { a: failing([away()]) }, { random: () => 0 });
    await run.clock.advance(500);
    expect(await run.outcome).toMatchObject({ status: "completed" });
  });

  test("waits at least as long as the server asks", async () => {
    const run = startScriptedRun(single({ retry }), { a: failing([away({ retryAfterMs: 20_000 })]) });
    await run.clock.advance(19_999);
    expect(inShort(run.events).at(-1)).toBe("retrying a in 20000");
    await run.clock.advance(1);
    expect(await run.outcome).toMatchObject({ status: "completed" });
  });

  test("does not wait for a server that asks for more time than the run has", async () => {
    const { outcome } = await runScripted(single({ retry }), { a: failing([away({ retryAfterMs: 7_200_000 })]) });
    expect(outcome).toMatchObject({ status: "failed", error: { code: "http_failed" } });
  });

  test("gives up after the last attempt with the last error", async () => {
    const run = startScriptedRun(single({ retry: { ...retry, maxAttempts: 2 } }), {
      a: failing([away(), new HeddleError("step_timeout", "Slow.")]),
    });
    await run.clock.advance(1_000);
    expect(await run.outcome).toMatchObject({ status: "failed", error: { code: "step_timeout" } });
  });

  test("is not done for errors that another try can't mend, nor without a policy", async () => {
    const refused = new HeddleError("http_status", "404");
    expect((await runScripted(single({ retry }), { a: failing([refused]) })).outcome).toMatchObject({ error: { code: "http_status" } });
    expect((await runScripted(single({}), { a: failing([away()]) })).journal.appended.at(-1)).toMatchObject({ attempts: 1 });
  });

  test("an error may say that another try can mend it after all", async () => {
    const run = startScriptedRun(single({ retry }), { a: failing([new HeddleError("http_status", "503", { retryable: true })]) });
    await run.clock.advance(1_000);
    expect(await run.outcome).toMatchObject({ status: "completed" });
  });

  test("a cancel ends the wait", async () => {
    const run = startScriptedRun(single({ retry }), { a: failing([away()]) });
    await settle();
    run.cancel();
    expect(await run.outcome).toMatchObject({ status: "cancelled" });
    expect(run.clock.sleeping).toBe(0);
  });
});

describe("time limit of a try", () => {
  test("fails the node, aborts its signal and drops what comes later", async () => {
    const { promise, resolve } = Promise.withResolvers<{ output: string }>();
    let signal: AbortSignal | undefined;
    const run = startScriptedRun(single({ timeoutMs: 5_000 }), {
      a: (context) => {
        signal = context.signal;
        return promise;
      },
    });
    await run.clock.advance(4_999);
    expect(signal?.aborted).toBe(false);
    await run.clock.advance(1);
    expect(await run.outcome).toMatchObject({ status: "failed", error: { code: "step_timeout", nodeId: "a" } });
    expect(signal?.reason).toMatchObject({ code: "step_timeout" });
    resolve({ output: "late" });
    await settle();
    expect(run.journal.appended).toHaveLength(2);
  });

  test("counts anew for each try, and the late result of an earlier try is dropped", async () => {
    const tries: ((result: { output: string }) => void)[] = [];
    const run = startScriptedRun(single({ timeoutMs: 5_000, retry }), { a: () => new Promise((resolve) => tries.push(resolve)) });
    await run.clock.advance(6_000);
    expect(tries).toHaveLength(2);
    tries[0]?.({ output: "late" });
    await run.clock.advance(5_000);
    expect(inShort(run.events).slice(-2)).toEqual(["retrying a in 1000", "retrying a in 2000"]);
    await run.clock.advance(2_000);
    tries[2]?.({ output: "in time" });
    expect(await run.outcome).toMatchObject({ output: "in time" });
  });

  test("the definition's own limit holds where the node sets none", async () => {
    const run = startScriptedRun(single({}), { a: () => new Promise(() => {}) });
    await run.clock.advance(30_000);
    expect(await run.outcome).toMatchObject({ error: { code: "step_timeout" } });
  });
});

test("what a step kept by `once` and the calls it told survive its next try", async () => {
  const call = { provider: "p", model: "m", usage: { inputTokens: 3, outputTokens: 4 }, durationMs: 1 };
  let performed = 0;
  const steps: StepRecord[] = [];
  const run = startScriptedRun(single({ retry }), {
    a: async (context) => {
      const kept = await context.once("call:0", async () => {
        performed += 1;
        return { call };
      });
      context.recordModelCall(kept.call);
      if (performed === 1 && steps.length === 0) {
        steps.push(...run.journal.appended);
        throw away();
      }
      return { output: "done" };
    },
  });
  await run.clock.advance(1_000);
  expect(await run.outcome).toMatchObject({ status: "completed", usage: { inputTokens: 3, outputTokens: 4 } });
  expect(performed).toBe(1);
  expect(run.journal.appended.map((step) => step.key)).toEqual(["start#", "a#/call:0", "a#"]);
});
