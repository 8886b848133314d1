import { HeddleError, type Json } from "@heddle/schema";
import { documentOf, type Script } from "@heddle/testing/runtime/scripted-nodes";
import { inShort, runScripted, settle, startScriptedRun } from "@heddle/testing/runtime/scripted-run";
import { VirtualClock } from "@heddle/testing/runtime/virtual-clock";
import { describe, expect, test } from "vitest";

const forEach = (items: Json, params: Record<string, Json> = {}) => ({ type: "loop", params: { mode: "forEach", items, ...params } });
const count = (rounds: Json, params: Record<string, Json> = {}) => ({ type: "loop", params: { mode: "count", count: rounds, ...params } });
const map = (items: Json, params: Record<string, Json> = {}) => ({ type: "map", params: { items, ...params } });
const value = (template: string) => ({ params: { value: template } });
const inside = (parent: string, node: object = {}) => ({ ...node, parent });

/** What is written in a node's `value`, and a failure where that is "fail". */
const failing: Script = (context) => {
  if (context.params.value === "fail") throw new HeddleError("http_failed", "Away.");
  return { output: context.params.value as Json };
};

describe("a loop", () => {
  test("goes round for each item, one after another, and gives the rounds' results", async () => {
    const document = documentOf(
      {
        start: {},
        loop: forEach("{{ input }}"),
        a: inside("loop", value("{{ item.name }}")),
        b: inside("loop", value("{{ a.output + index }}")),
      },
      ["start>loop", "a>b"],
    );
    const { events, outcome, journal } = await runScripted(document, {}, { input: [{ name: "x" }, { name: "y" }] });
    expect(outcome).toMatchObject({ status: "completed", output: { items: ["x0", "y1"], count: 2, failed: 0 }, steps: 6 });
    expect(journal.appended.map((step) => step.key)).toEqual(["start#", "a#0", "b#0", "a#1", "b#1", "loop#"]);
    expect(journal.appended.map((step) => step.order)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(inShort(events).slice(2, 8)).toEqual([
      "started loop",
      "started a#0",
      "completed a#0",
      "started b#0",
      "completed b#0",
      "loop 1/2",
    ]);
  });

  test("goes round as often as it is told, with no item", async () => {
    const document = documentOf({ start: {}, loop: count("{{ input }}"), a: inside("loop", value("{{ [item, index] }}")) }, ["start>loop"]);
    expect((await runScripted(document, {}, { input: 3 })).outcome).toMatchObject({
      output: {
        items: [
          [null, 0],
          [null, 1],
          [null, 2],
        ],
        count: 3,
      },
    });
  });

  test("goes round while its condition holds, seeing the round before and the state", async () => {
    const document = documentOf(
      {
        start: {},
        loop: { type: "loop", params: { mode: "while", condition: "{{ (loop.previous ?? 1) < 100 && state.sum < 7 }}" } },
        double: inside("loop", value("{{ (loop.previous ?? 1) * 2 }}")),
      },
      ["start>loop"],
      { state: [{ name: "sum", reducer: "add" }] },
    );
    const double: Script = ({ params }) => ({ output: params.value as Json, state: [{ name: "sum", value: 1 }] });
    expect((await runScripted(document, { double })).outcome).toMatchObject({ output: { items: [2, 4, 8, 16, 32, 64, 128] } });
    const untilState: Script = ({ params }) => ({ output: params.value as Json, state: [{ name: "sum", value: 3 }] });
    expect((await runScripted(document, { double: untilState })).outcome).toMatchObject({ output: { items: [2, 4, 8] } });
  });

  test.each([
    ["a list of none", forEach([])],
    ["no times", count(0)],
    ["a condition that never holds", { type: "loop", params: { mode: "while", condition: "false" } }],
    ["a map over none", map([])],
  ])("goes on at once for %s", async (_name, loop) => {
    const document = documentOf({ start: {}, loop, a: inside("loop") }, ["start>loop"]);
    expect((await runScripted(document)).outcome).toMatchObject({ output: { items: [], count: 0, failed: 0 }, steps: 2 });
  });

  test("keeps only the number of its rounds where results are not collected", async () => {
    const document = documentOf({ start: {}, loop: count(3, { collect: false }), a: inside("loop") }, ["start>loop"]);
    expect((await runScripted(document)).outcome).toMatchObject({ output: { items: [], count: 3 } });
  });

  test("starts each round with the nodes that nothing leads to, which the item arrives at", async () => {
    const seen: unknown[] = [];
    const look: Script = ({ arrivals }) => {
      seen.push(arrivals);
      return { output: 1 };
    };
    const document = documentOf({ start: {}, loop: forEach(["x"]), a: inside("loop"), b: inside("loop") }, ["start>loop"]);
    await runScripted(document, { a: look, b: look });
    const arrival = { in: [{ nodeId: "loop", port: "item", value: "x" }] };
    expect(seen).toEqual([arrival, arrival]);
  });

  test("prunes what a round's choice does not lead to, in that round only", async () => {
    const document = documentOf(
      {
        start: {},
        loop: count(2),
        choice: inside("loop", { params: { ports: ["even", "odd"] } }),
        even: inside("loop", value("even")),
        odd: inside("loop", value("odd")),
      },
      ["start>loop", "choice.even>even", "choice.odd>odd"],
    );
    const choice: Script = ({ idempotencyKey }) => ({ output: 0, ports: [idempotencyKey.endsWith("#0") ? "even" : "odd"] });
    expect((await runScripted(document, { choice })).outcome).toMatchObject({ output: { items: ["even", "odd"] } });
  });

  test("does not run when it is switched off; nor do the nodes in it", async () => {
    const document = documentOf({ start: {}, loop: { ...count(2), isDisabled: true }, a: inside("loop") }, ["start>loop"]);
    expect((await runScripted(document, {}, { input: "in" })).outcome).toMatchObject({ output: "in", steps: 1 });
  });

  test("gives its pin instead of going round", async () => {
    const document = documentOf({ start: {}, loop: count(2), a: inside("loop") }, ["start>loop"]);
    expect((await runScripted(document, {}, { pins: { loop: "pinned" } })).outcome).toMatchObject({ output: "pinned", steps: 2 });
  });
});

describe("nesting", () => {
  test("each loop has its own item and sees those around it by name", async () => {
    const document = documentOf(
      {
        start: {},
        before: value("{{ 'b' }}"),
        outer: forEach(["x", "y"]),
        prefix: inside("outer", value("{{ before.output + item }}")),
        inner: inside("outer", forEach("{{ [1, 2] }}")),
        a: inside("inner", value("{{ [prefix.output, outer.item, outer.index, item, index, inner.previous?.[3] ?? null] }}")),
      },
      ["start>before", "before>outer", "prefix>inner"],
    );
    const { outcome, journal } = await runScripted(document);
    expect(outcome).toMatchObject({
      output: {
        items: [
          {
            items: [
              ["bx", "x", 0, 1, 0, null],
              ["bx", "x", 0, 2, 1, 1],
            ],
          },
          {
            items: [
              ["by", "y", 1, 1, 0, null],
              ["by", "y", 1, 2, 1, 1],
            ],
          },
        ],
      },
    });
    expect(journal.appended.map((step) => step.key)).toContain("a#1.0");
    expect(journal.appended.find((step) => step.key === "outer#")).toMatchObject({ rounds: 6, isEnvelope: true });
  });

  test("rounds do not see one another's nodes", async () => {
    const document = documentOf({ start: {}, loop: forEach([1, 2]), a: inside("loop"), b: inside("loop") }, ["start>loop", "a>b"]);
    const seen: Json[] = [];
    const scripts: Record<string, Script> = {
      a: ({ arrivals }) => ({ output: arrivals.in?.[0]?.value ?? null }),
      b: ({ arrivals }) => {
        seen.push(arrivals.in?.map(({ nodeId, value: arrived }) => [nodeId, arrived]) as Json);
        return { output: null };
      },
    };
    await runScripted(document, scripts);
    expect(seen).toEqual([[["a", 1]], [["a", 2]]]);
  });

  test("a chain of 60 loops inside one another ends", async () => {
    const nodes: Parameters<typeof documentOf>[0] = { start: {} };
    for (let depth = 0; depth < 60; depth += 1) nodes[`l${depth}`] = { ...count(1), ...(depth === 0 ? {} : { parent: `l${depth - 1}` }) };
    nodes.leaf = inside("l59", value("leaf"));
    const { outcome, journal } = await runScripted(documentOf(nodes, ["start>l0"]));
    expect(outcome).toMatchObject({ status: "completed", steps: 62 });
    expect(journal.appended.find(({ nodeId }) => nodeId === "leaf")?.key).toBe(`leaf#${Array.from({ length: 60 }, () => "0").join(".")}`);
  });
});

test("loops that end at once end after all that is recorded, in the order of the first time", async () => {
  const document = documentOf({ start: {}, one: forEach([]), two: forEach([]), a: inside("one"), b: inside("two"), end: {} }, [
    "start>one",
    "start>two",
    "one>end",
    "two>end",
  ]);
  const order = async (recorded: number): Promise<unknown> => {
    const whole = await runScripted(document);
    const arrived: unknown[] = [];
    const end: Script = ({ arrivals }) => {
      arrived.push(...(arrivals.in ?? []).map(({ nodeId }) => nodeId));
      return { output: null };
    };
    await runScripted(document, { end }, { recorded: whole.journal.appended.slice(0, recorded) });
    return arrived;
  };
  for (const recorded of [0, 1, 2, 3]) expect(await order(recorded)).toEqual(["one", "two"]);
});

test("a loop began when its first round did, also when it is resumed", async () => {
  const document = documentOf({ start: {}, outer: count(1), inner: inside("outer", count(2)), a: inside("inner") }, ["start>outer"]);
  const first = await runScripted(document);
  const clock = new VirtualClock();
  clock.pass(60_000);
  const resumed = await runScripted(document, {}, { clock, recorded: first.journal.appended.slice(0, 2) });
  const begun = first.journal.appended.find(({ key }) => key === "outer#")?.startedAt;
  for (const key of ["inner#0", "outer#"]) {
    expect(resumed.journal.appended.find((step) => step.key === key)).toMatchObject({ startedAt: begun, durationMs: 60_000 });
  }
});

describe("a map", () => {
  /** A handler whose calls end when the test says so, by item. */
  function gates() {
    const open = new Map<number, () => void>();
    let most = 0;
    const run: Script = async ({ arrivals }) => {
      const item = arrivals.in?.[0]?.value as number;
      await new Promise<void>((resolve) => {
        open.set(item, resolve);
        most = Math.max(most, open.size);
      });
      open.delete(item);
      return { output: item * 10 };
    };
    return { run, open, most: () => most };
  }

  test("has no more rounds under way than it may, and gives results in the order of the items", async () => {
    const { run: a, open, most } = gates();
    const document = documentOf({ start: {}, map: map([1, 2, 3, 4, 5], { concurrency: 2 }), a: inside("map") }, ["start>map"]);
    const run = startScriptedRun(document, { a });
    await settle();
    expect([...open.keys()]).toEqual([1, 2]);
    for (const item of [2, 3, 1, 5, 4]) {
      open.get(item)?.();
      await settle();
    }
    expect(await run.outcome).toMatchObject({ output: { items: [10, 20, 30, 40, 50], count: 5 } });
    expect(most()).toBe(2);
    expect(run.journal.appended.map((step) => step.key)).toEqual(["start#", "a#1", "a#2", "a#0", "a#4", "a#3", "map#"]);
  });

  test("ends with the first failure, and gives up the other rounds", async () => {
    const aborted: unknown[] = [];
    const a: Script = async ({ arrivals, signal }) => {
      const item = arrivals.in?.[0]?.value;
      if (item === 2) throw new HeddleError("http_failed", "Away.");
      await new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => {
          aborted.push(item);
          reject(signal.reason);
        });
      });
      return { output: 0 };
    };
    const document = documentOf({ start: {}, map: map([1, 2, 3]), a: inside("map") }, ["start>map"]);
    const { outcome, journal } = await runScripted(document, { a });
    expect(outcome).toMatchObject({ status: "failed", error: { code: "http_failed", nodeId: "a" } });
    expect(aborted).toEqual([1, 3]);
    expect(journal.appended.at(-1)).toMatchObject({ key: "map#", status: "failed", rounds: 3 });
  });

  test("goes on when a round fails, if it is told to, with the error in its place", async () => {
    const document = documentOf(
      { start: {}, map: map(["x", "fail", "y"], { onItemError: "continue" }), a: inside("map", value("{{ item }}")) },
      ["start>map"],
    );
    const { outcome } = await runScripted(document, { a: failing });
    expect(outcome).toMatchObject({
      status: "completed",
      output: { items: ["x", { error: { code: "http_failed" } }, "y"], count: 3, failed: 1 },
    });
  });
});

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
