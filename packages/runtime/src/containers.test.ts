import { HeddleError, type Json } from "@heddle/schema";
import { count, failing, forEach, inside, map, value } from "@heddle/testing/runtime/container-nodes";
import { documentOf, type Script } from "@heddle/testing/runtime/scripted-nodes";
import { inShort, runScripted, settle, startScriptedRun } from "@heddle/testing/runtime/scripted-run";
import { VirtualClock } from "@heddle/testing/runtime/virtual-clock";
import { describe, expect, test } from "vitest";

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
