import { HeddleError, type Json } from "@heddle/schema";
import { count, failing, forEach, inside, value, map } from "@heddle/testing/runtime/container-nodes";
import { documentOf, type Script } from "@heddle/testing/runtime/scripted-nodes";
import { runScripted, startScriptedRun } from "@heddle/testing/runtime/scripted-run";
import { describe, expect, test } from "vitest";

describe("failures in rounds", () => {
  const nodes = (loop: object) => ({
    start: {},
    loop: { ...forEach(["x", "fail", "y"]), ...loop },
    a: inside("loop", value("{{ item }}")),
    after: {},
  });

  test.each([
    ["fail", [], { status: "failed", error: { code: "http_failed", nodeId: "a" } }],
    ["continue", ["loop>after"], { status: "completed", output: { error: { code: "http_failed" } } }],
    ["branch", ["loop.error>after"], { status: "completed", output: { error: { code: "http_failed" } } }],
  ] as const)("of a loop whose own policy is %s", async (onError, edges, expected) => {
    const { outcome, journal } = await runScripted(documentOf(nodes({ onError }), ["start>loop", ...edges]), { a: failing });
    expect(outcome).toMatchObject(expected);
    expect(journal.appended.map((step) => step.key)).not.toContain("a#2");
  });

  test("may be handled inside the round", async () => {
    const document = documentOf(
      {
        start: {},
        loop: forEach(["x", "fail"]),
        a: inside("loop", { ...value("{{ item }}"), onError: "branch" }),
        ok: inside("loop"),
        rescue: inside("loop", value("{{ a.error.code }}")),
      },
      ["start>loop", "a>ok", "a.error>rescue"],
    );
    expect((await runScripted(document, { a: failing })).outcome).toMatchObject({ output: { items: ["x", "http_failed"], failed: 0 } });
  });

  test("a stop in a round ends the run, whatever the loop says about failures", async () => {
    const stop: Script = () => {
      throw new HeddleError("run_stopped", "Enough.");
    };
    const document = documentOf(
      { start: {}, loop: { ...count(3, { onItemError: "continue" }), onError: "continue" }, a: inside("loop", { onError: "continue" }) },
      ["start>loop"],
    );
    expect((await runScripted(document, { a: stop })).outcome).toMatchObject({
      status: "failed",
      error: { code: "run_stopped", nodeId: "a" },
    });
  });

  test.each([
    ["items that are no list", forEach("{{ input }}"), "param_invalid"],
    ["a count that is no number", count("{{ 'many' }}"), "param_invalid"],
    ["an expression that fails", forEach("{{ input.map(x => x) }}"), "expression_failed"],
  ])("%s fail the loop", async (_name, loop, code) => {
    const { outcome } = await runScripted(documentOf({ start: {}, loop, a: inside("loop") }, ["start>loop"]), {}, { input: "text" });
    expect(outcome).toMatchObject({ status: "failed", error: { code, nodeId: "loop" } });
  });
});

describe("limits", () => {
  test.each([
    ["each item", forEach([1, 2, 3, 4], { maxIterations: 3 })],
    ["a number of times", count(4, { maxIterations: 3 })],
    ["a condition", { type: "loop", params: { mode: "while", condition: "true", maxIterations: 3 } }],
  ])("a loop by %s fails with iteration_limit, which its policy may handle", async (_name, loop) => {
    const document = (onError: "fail" | "continue") =>
      documentOf({ start: {}, loop: { ...loop, onError }, a: inside("loop") }, ["start>loop"]);
    expect((await runScripted(document("fail"))).outcome).toMatchObject({
      status: "failed",
      error: { code: "iteration_limit", nodeId: "loop" },
    });
    expect((await runScripted(document("continue"))).outcome).toMatchObject({ status: "completed" });
  });

  test.each([
    [6, "completed"],
    [5, "failed"],
  ])("all loops of a run share maxIterations: 6 rounds of %i", async (maxIterations, status) => {
    const document = documentOf(
      { start: {}, outer: count(2), inner: inside("outer", { ...map([1, 2]), onError: "continue" }), a: inside("inner") },
      ["start>outer"],
      { settings: { limits: { maxIterations } } },
    );
    expect((await runScripted(document)).outcome).toMatchObject({
      status,
      ...(status === "failed" ? { error: { code: "iteration_limit" } } : {}),
    });
  });

  test("steps in rounds do not count against the default limit on steps, but do against one that is set", async () => {
    const document = documentOf({ start: {}, loop: count(2_000, { maxIterations: 2_000 }), a: inside("loop") }, ["start>loop"]);
    expect((await runScripted(document)).outcome).toMatchObject({ status: "completed", steps: 2_002 });
    expect((await runScripted(document, {}, { limits: { maxSteps: 1_500 } })).outcome).toMatchObject({
      status: "failed",
      error: { code: "step_limit" },
    });
  });

  test("a loop whose own time limit is over fails, and its rounds are given up", async () => {
    const document = documentOf({ start: {}, loop: { ...count(2), timeoutMs: 500, onError: "continue" }, a: inside("loop") }, [
      "start>loop",
    ]);
    const run = startScriptedRun(document, { a: () => new Promise(() => {}) });
    await run.clock.advance(500);
    expect(await run.outcome).toMatchObject({ status: "completed", output: { error: { code: "step_timeout", nodeId: "loop" } } });
  });

  test("results that are too large together fail the loop as soon as they are", async () => {
    const text = "x".repeat(200_000);
    const document = documentOf({ start: {}, loop: count(100), a: inside("loop") }, ["start>loop"]);
    const { outcome, journal } = await runScripted(document, { a: () => ({ output: text }) });
    expect(outcome).toMatchObject({ status: "failed", error: { code: "value_too_large" } });
    expect(journal.appended.length).toBeLessThan(60);
  });

  test("progress is told now and then", async () => {
    const document = documentOf({ start: {}, loop: count(1_000), a: inside("loop") }, ["start>loop"]);
    const { events } = await runScripted(document);
    const told = events.filter((event) => event.type === "step.progress");
    expect(told).toHaveLength(100);
    expect(told.at(-1)).toMatchObject({ key: "loop#", done: 1_000, total: 1_000 });
  });
});

describe("a node per item", () => {
  const each = (items: Json, rest: object = {}) => ({ each: { items, ...rest } }) as object;

  test("gives the list of outputs, with what arrived in every one", async () => {
    const seen: string[] = [];
    const a: Script = (context) => {
      seen.push(`${context.idempotencyKey} ${JSON.stringify(context.arrivals.in?.map(({ nodeId }) => nodeId))}`);
      return { output: context.params.value as Json };
    };
    const document = documentOf(
      { start: {}, a: { ...value("{{ item + index }}"), ...each("{{ input }}") }, end: value("{{ a.output }}") },
      ["start>a", "a>end"],
    );
    const { outcome, journal } = await runScripted(document, { a }, { input: [10, 20] });
    expect(outcome).toMatchObject({ output: [10, 21] });
    expect(journal.appended.map((step) => step.key)).toEqual(["start#", "a#0", "a#1", "a#", "end#"]);
    expect(seen).toEqual(['execution:a#0 ["start"]', 'execution:a#1 ["start"]']);
  });

  test("tries each item again by the node's policy, and fails or goes on as it is told", async () => {
    const tries = new Map<string, number>();
    const a: Script = ({ idempotencyKey, params }) => {
      tries.set(idempotencyKey, (tries.get(idempotencyKey) ?? 0) + 1);
      if (params.value === "fail") throw new HeddleError("http_failed", "Away.");
      return { output: params.value as Json };
    };
    const node = (onItemError: string) => ({
      ...value("{{ item }}"),
      retry: { maxAttempts: 2, initialDelayMs: 0 },
      ...each(["x", "fail"], { onItemError }),
    });
    const goesOn = startScriptedRun(documentOf({ start: {}, a: node("continue") }, ["start>a"]), { a });
    await goesOn.clock.advance(1);
    expect(await goesOn.outcome).toMatchObject({ output: ["x", { error: { code: "http_failed" } }] });
    expect([...tries.values()]).toEqual([1, 2]);
    const fails = startScriptedRun(documentOf({ start: {}, a: node("fail") }, ["start>a"]), { a });
    await fails.clock.advance(1);
    expect(await fails.outcome).toMatchObject({ status: "failed", error: { code: "http_failed" } });
  });

  test("is left by the ports that its items took", async () => {
    const document = documentOf(
      { start: {}, a: { params: { ports: ["yes", "no", "never"] }, ...each([1, 2, 3]) }, yes: {}, no: {}, never: {} },
      ["start>a", "a.yes>yes", "a.no>no", "a.never>never"],
    );
    const a: Script = ({ idempotencyKey }) => ({ output: 1, ports: [idempotencyKey.endsWith("1") ? "no" : "yes"] });
    const { journal } = await runScripted(document, { a });
    expect(journal.appended.map((step) => step.nodeId).slice(-2)).toEqual(["yes", "no"]);
  });

  test("that is no list fails the node", async () => {
    const document = documentOf({ start: {}, a: each("{{ input }}") }, ["start>a"]);
    const { outcome } = await runScripted(document, {}, { input: 7 });
    expect(outcome).toMatchObject({ status: "failed", error: { code: "param_invalid", nodeId: "a", details: { field: "each.items" } } });
  });
});
