import { HeddleError, type Json, type PendingWait, type WaitRequest, type WaitResolution } from "@heddle/schema";
import { documentOf, type Script } from "@heddle/testing/runtime/scripted-nodes";
import { inShort, runScripted, settle, startScriptedRun } from "@heddle/testing/runtime/scripted-run";
import { VirtualClock } from "@heddle/testing/runtime/virtual-clock";
import { describe, expect, test } from "vitest";
import type { WaitPort } from "./ports.ts";

const HOUR = 3_600_000;
const approve = (values: Json = {}): WaitResolution => ({ outcome: "approved", at: 1, values });
const approval: WaitRequest = { kind: "approval", title: "May it?" };

/** Waits, and gives how the wait ended. */
const waiting =
  (request: WaitRequest | (() => WaitRequest)): Script =>
  async (context) => ({
    output: (await context.wait(typeof request === "function" ? request() : request)) as unknown as Json,
  });

/** A port through which a test ends waits. */
function waitPort() {
  const opened: PendingWait[] = [];
  const listeners = new Set<Parameters<WaitPort["subscribe"]>[0]>();
  const port: WaitPort = {
    opened: (wait) => opened.push(wait),
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  return {
    port,
    opened,
    listeners,
    resolve: (key: string, resolution: WaitResolution) => listeners.forEach((listener) => listener(key, resolution)),
  };
}

const one = documentOf({ start: {}, a: {}, end: { params: { value: "{{ a.output.outcome }}" } } }, ["start>a", "a>end"]);

describe("a run of which nothing can go on", () => {
  test("is put away with its waits, and goes on from its journal when one has ended", async () => {
    const first = await runScripted(one, { a: waiting(approval) });
    expect(first.outcome).toMatchObject({
      status: "waiting",
      waits: [{ key: "a#", nodeId: "a", kind: "approval", title: "May it?" }],
      steps: 2,
    });
    expect(first.outcome).not.toHaveProperty("wakeAt");
    expect(inShort(first.events)).toEqual(["started start", "completed start", "started a", "waiting a", "run waiting"]);

    const second = await runScripted(
      one,
      { a: waiting(approval) },
      { recorded: first.journal.steps, resolutions: { "a#": approve({ by: "Ada" }) } },
    );
    expect(second.outcome).toMatchObject({ status: "completed", output: "approved" });
    expect(second.journal.appended[0]).toMatchObject({ key: "a#", isEnvelope: true, output: { values: { by: "Ada" } } });
  });

  test("keeps what it waits for, though the handler asks anew", async () => {
    const clock = new VirtualClock(0);
    const inAnHour = waiting(() => ({ kind: "time", dueAt: clock.now() + HOUR }));
    const first = await runScripted(one, { a: inAnHour }, { clock });
    expect(first.outcome).toMatchObject({ status: "waiting", wakeAt: HOUR, waits: [{ kind: "time", dueAt: HOUR }] });
    clock.pass(HOUR / 2);
    const second = await runScripted(one, { a: inAnHour }, { clock, recorded: first.journal.steps });
    expect(second.outcome).toMatchObject({ status: "waiting", wakeAt: HOUR });
    clock.pass(HOUR / 2);
    const third = startScriptedRun(one, { a: inAnHour }, { clock, recorded: second.journal.steps });
    await clock.advance(0);
    expect(await third.outcome).toMatchObject({ status: "completed", output: "due" });
  });

  test("waits out in the process what ends soon", async () => {
    const clock = new VirtualClock(0);
    const run = startScriptedRun(one, { a: waiting({ kind: "time", dueAt: 2_000 }) }, { clock });
    await clock.advance(2_000);
    expect(await run.outcome).toMatchObject({ status: "completed", output: "due" });
    expect((await runScripted(one, { a: waiting({ kind: "time", dueAt: 4_000 }) }, { clock, patienceMs: 1_000 })).outcome).toMatchObject({
      status: "waiting",
    });
  });

  test("is woken for the first of its waits that is due", async () => {
    const document = documentOf({ start: {}, a: {}, b: {}, c: {} }, ["start>a", "start>b", "start>c"]);
    const clock = new VirtualClock(0);
    const scripts = {
      a: waiting({ ...approval, dueAt: 3 * HOUR }),
      b: waiting({ kind: "time", dueAt: 2 * HOUR }),
      c: waiting({ kind: "webhook" }),
    };
    expect((await runScripted(document, scripts, { clock })).outcome).toMatchObject({
      status: "waiting",
      wakeAt: 2 * HOUR,
      waits: [{ key: "a#" }, { key: "b#" }, { key: "c#" }],
    });
  });

  test("ends a wait for a person at its deadline", async () => {
    const clock = new VirtualClock(0);
    const first = await runScripted(one, { a: waiting({ ...approval, dueAt: HOUR }) }, { clock });
    clock.pass(HOUR);
    const second = startScriptedRun(one, { a: waiting(approval) }, { clock, recorded: first.journal.steps });
    await clock.advance(0);
    expect(await second.outcome).toMatchObject({ output: "due" });
  });

  test("does not count the time that it waited as work", async () => {
    const clock = new VirtualClock(0);
    const limits = { maxDurationMs: 1_000 };
    const first = await runScripted(one, { a: waiting({ kind: "time", dueAt: HOUR }) }, { clock, limits });
    clock.pass(HOUR);
    const run = { executionId: "e", agentId: "a", workspaceId: "w", startedAt: 0, isDeployed: true };
    const second = startScriptedRun(one, { a: waiting(approval) }, { clock, limits, run, recorded: first.journal.steps });
    await clock.advance(0);
    expect((await second.outcome).status).toBe("completed");
    expect(second.journal.appended.find(({ key }) => key === "a#")).toMatchObject({ startedAt: 0, durationMs: HOUR, isEnvelope: true });
    // A third owner sees the record of the wait, an hour long.
    const end: Script = () => new Promise((resolve) => setImmediate(() => resolve({ output: "worked" })));
    const third = await runScripted(
      one,
      { end },
      { clock, limits, run, recorded: second.journal.steps.filter(({ nodeId }) => nodeId !== "end") },
    );
    expect(third.outcome).toMatchObject({ status: "completed", output: "worked" });
  });
});

describe("while other branches go on", () => {
  const document = documentOf({ start: {}, a: {}, after: {}, slow: {} }, ["start>a", "a>after", "start>slow"]);

  test("a wait is told at once, and the branch goes on when it is resolved", async () => {
    const { port, opened, listeners, resolve } = waitPort();
    const slow = Promise.withResolvers<{ output: string }>();
    const run = startScriptedRun(document, { a: waiting(approval), slow: () => slow.promise }, { waits: port });
    await settle();
    expect(opened).toMatchObject([{ key: "a#", kind: "approval" }]);
    resolve("another#", approve());
    resolve("a#", approve());
    resolve("a#", { outcome: "rejected", at: 2, values: {} });
    await settle();
    expect(inShort(run.events).slice(-4)).toEqual(["waiting a", "completed a", "started after", "completed after"]);
    slow.resolve({ output: "slow" });
    expect(await run.outcome).toMatchObject({ status: "completed", output: "slow" });
    expect(run.journal.appended.find(({ key }) => key === "a#")).toMatchObject({ output: { outcome: "approved" } });
    expect(listeners.size).toBe(0);
  });

  test("a resolution that comes before its step has come back to its wait is kept for it", async () => {
    const first = await runScripted(one, { a: waiting(approval) });
    const { port, resolve } = waitPort();
    const door = Promise.withResolvers<void>();
    const a: Script = async (context) => {
      await door.promise;
      return { output: (await context.wait(approval)) as unknown as Json };
    };
    const run = startScriptedRun(one, { a }, { waits: port, recorded: first.journal.steps });
    await settle();
    resolve("a#", approve());
    door.resolve();
    expect(await run.outcome).toMatchObject({ status: "completed", output: "approved" });
  });

  test("so is one that comes while the wait is being written down", async () => {
    const { port, resolve } = waitPort();
    const written = Promise.withResolvers<void>();
    const journal = { recorded: [], append: ({ key }: { key: string }) => (key === "b#/wait" ? written.promise : undefined) };
    const both = documentOf({ start: {}, a: {}, b: {} }, ["start>a", "start>b"]);
    const run = startScriptedRun(both, { a: waiting(approval), b: waiting(approval) }, { waits: port, journal });
    await settle();
    resolve("b#", approve());
    written.resolve();
    await settle();
    expect(inShort(run.events)).toContain("completed b");
    expect(await run.outcome).toMatchObject({ status: "waiting", waits: [{ key: "a#" }] });
  });

  test("the run is put away only when they have ended", async () => {
    const slow = Promise.withResolvers<{ output: string }>();
    const run = startScriptedRun(document, { a: waiting(approval), slow: () => slow.promise });
    await run.clock.advance(20_000);
    expect(inShort(run.events)).not.toContain("run waiting");
    slow.resolve({ output: "slow" });
    expect(await run.outcome).toMatchObject({ status: "waiting", waits: [{ key: "a#" }] });
  });

  test("a branch between two tries is not idle", async () => {
    let tries = 0;
    const withRetry = documentOf({ start: {}, a: {}, slow: { retry: { maxAttempts: 2, initialDelayMs: 10_000 } } }, [
      "start>a",
      "start>slow",
    ]);
    const slow: Script = () => {
      tries += 1;
      if (tries === 1) throw new HeddleError("http_failed", "Away.");
      return { output: "second" };
    };
    const run = startScriptedRun(withRetry, { a: waiting(approval), slow });
    await run.clock.advance(10_000);
    expect(await run.outcome).toMatchObject({ status: "waiting" });
    expect(tries).toBe(2);
  });

  test("a time limit rests while its step waits, and begins anew after", async () => {
    const { port, resolve } = waitPort();
    const slow = Promise.withResolvers<{ output: string }>();
    const limited = documentOf({ start: {}, a: { timeoutMs: 1_000 }, slow: { timeoutMs: HOUR } }, ["start>a", "start>slow"]);
    const a: Script = async (context) => {
      await context.wait(approval);
      return new Promise(() => {});
    };
    const run = startScriptedRun(limited, { a, slow: () => slow.promise }, { waits: port });
    await run.clock.advance(60_000);
    resolve("a#", approve());
    await run.clock.advance(999);
    expect(inShort(run.events)).not.toContain("failed a");
    await run.clock.advance(1);
    expect(await run.outcome).toMatchObject({ status: "failed", error: { code: "step_timeout" } });
  });
});

describe("a wait ends with its step", () => {
  test("when the run is cancelled", async () => {
    const slow: Script = () => new Promise(() => {});
    const run = startScriptedRun(documentOf({ start: {}, a: {}, slow: {} }, ["start>a", "start>slow"]), { a: waiting(approval), slow });
    await settle();
    run.cancel();
    expect(await run.outcome).toMatchObject({ status: "cancelled" });
    expect(run.clock.sleeping).toBe(0);
  });

  test("when another branch was first", async () => {
    const document = documentOf({ start: {}, a: {}, b: {}, first: { type: "merge", params: { mode: "first" } }, end: {} }, [
      "start>a",
      "start>b",
      "a>first",
      "b>first",
      "first>end",
    ]);
    const { outcome } = await runScripted(document, { a: waiting(approval), b: async () => ({ output: "b" }) });
    expect(outcome).toMatchObject({ status: "completed", output: "b" });
  });

  test("when its handler does not wait for it", async () => {
    const a: Script = async (context) => {
      void context.wait(approval);
      await settle();
      return { output: "gone" };
    };
    // Something else goes on until then, or the run would be put away at once.
    const slow: Script = async () => {
      for (let turn = 0; turn < 10; turn += 1) await settle();
      return { output: "slow" };
    };
    const document = documentOf({ start: {}, a: {}, b: {}, slow: {} }, ["start>a", "a>b", "start>slow"]);
    const { outcome, journal } = await runScripted(document, { a, b: waiting(approval), slow });
    expect(journal.appended.map((step) => step.key)).toContain("a#");
    expect(outcome).toMatchObject({ status: "waiting" });
    expect((outcome as { waits: PendingWait[] }).waits.map(({ key }) => key)).toEqual(["b#"]);
  });
});

describe("waits inside others", () => {
  test("a tool waits, and the step that called it goes on from what it had recorded", async () => {
    const document = documentOf({ start: {}, a: {}, t: {} }, ["start>a", "t~a.tools"]);
    let calls = 0;
    const a: Script = async ({ attachments, once }) => {
      const text = await once("call", async () => `call ${(calls += 1)}`);
      const answer = await attachments.tools?.[0]?.tool?.call({}, "0");
      return { output: [text, answer] as unknown as Json };
    };
    const first = await runScripted(document, { a, t: waiting(approval) });
    expect(first.outcome).toMatchObject({ status: "waiting", waits: [{ key: "a#/tool:0:t", nodeId: "t" }] });
    const second = await runScripted(
      document,
      { a, t: waiting(approval) },
      { recorded: first.journal.steps, resolutions: { "a#/tool:0:t": approve() } },
    );
    expect(second.outcome).toMatchObject({ status: "completed", output: ["call 1", { output: { outcome: "approved" } }] });
  });

  test("a step that does something else besides is not put away", async () => {
    const document = documentOf({ start: {}, a: {}, t: {} }, ["start>a", "t~a.tools"]);
    const work = Promise.withResolvers<string>();
    const a: Script = async ({ attachments, once }) => {
      const both = await Promise.all([attachments.tools?.[0]?.tool?.call({}, "0"), once("call", () => work.promise)]);
      return { output: both as unknown as Json };
    };
    const run = startScriptedRun(document, { a, t: waiting(approval) });
    await settle();
    expect(inShort(run.events)).not.toContain("run waiting");
    work.resolve("done");
    expect(await run.outcome).toMatchObject({ status: "waiting" });
    expect(run.journal.appended.map((step) => step.key)).toContain("a#/call");
  });

  test("every round of a map waits for itself", async () => {
    const document = documentOf({ start: {}, map: { type: "map", params: { items: [1, 2, 3], concurrency: 2 } }, a: { parent: "map" } }, [
      "start>map",
    ]);
    const first = await runScripted(document, { a: waiting(approval) });
    expect(first.outcome).toMatchObject({ status: "waiting", waits: [{ key: "a#0" }, { key: "a#1" }] });
    const second = await runScripted(
      document,
      { a: waiting(approval) },
      { recorded: first.journal.steps, resolutions: { "a#1": approve() } },
    );
    expect(second.outcome).toMatchObject({ status: "waiting", waits: [{ key: "a#0" }, { key: "a#2" }] });
    const resolutions = { "a#0": approve(), "a#1": approve(), "a#2": approve() };
    const third = await runScripted(document, { a: waiting(approval) }, { recorded: second.journal.steps, resolutions });
    expect(third.outcome).toMatchObject({ status: "completed", output: { count: 3 } });
  });
});
