import type { Json, StateField } from "@heddle/schema";
import { documentOf, type Script } from "@heddle/testing/runtime/scripted-nodes";
import { runScripted, settle, startScriptedRun } from "@heddle/testing/runtime/scripted-run";
import { describe, expect, test } from "vitest";
import { SharedState } from "./shared-state.ts";

const field = (name: string, reducer: StateField["reducer"], initial: Json = null): StateField => ({ name, reducer, initial });
const fields = [field("last", "replace", "first"), field("log", "append", ["begin"]), field("sum", "add", 1)];

describe("state", () => {
  test("begins as the document says, and updates join it by their reducers", () => {
    const state = new SharedState(fields, 1_000);
    expect(state.mark().values).toEqual({ last: "first", log: ["begin"], sum: 1 });
    state.apply([
      { name: "last", value: { a: 1 } },
      { name: "log", value: ["x"] },
      { name: "sum", value: 2 },
      { name: "sum", value: -5 },
    ]);
    expect(state.mark().values).toEqual({ last: { a: 1 }, log: ["begin", ["x"]], sum: -2 });
  });

  test("without a beginning is nothing, an empty list, or 0", () => {
    const state = new SharedState([field("last", "replace"), field("log", "append"), field("sum", "add")], 1_000);
    expect(state.mark().values).toEqual({ last: null, log: [], sum: 0 });
  });

  test("looks as it did when its mark was taken, whatever came since", () => {
    const state = new SharedState(fields, 1_000);
    const before = state.mark();
    state.apply([
      { name: "log", value: 1 },
      { name: "sum", value: 1 },
      { name: "last", value: "second" },
    ]);
    const between = state.mark();
    state.apply([{ name: "log", value: 2 }]);
    expect(between.values).toEqual({ last: "second", log: ["begin", 1], sum: 2 });
    expect(before.values).toEqual({ last: "first", log: ["begin"], sum: 1 });
  });

  test("refuses names that it does not have, and adding what is no number", () => {
    const state = new SharedState(fields, 1_000);
    expect(state.check([{ name: "other", value: 1 }])).toMatchObject({ code: "output_invalid" });
    expect(state.check([{ name: "sum", value: "1" }])).toMatchObject({ code: "output_invalid" });
    expect(state.check([{ name: "sum", value: 1 }])).toBeUndefined();
  });

  test("has a size that it may not pass; what is replaced counts no more", () => {
    const state = new SharedState(fields, 100);
    for (let round = 0; round < 20; round += 1) expect(state.apply([{ name: "last", value: "x".repeat(60) }])).toBeUndefined();
    expect(state.apply([{ name: "log", value: "x".repeat(60) }])).toMatchObject({ code: "value_too_large" });
  });
});

describe("the state of a run", () => {
  const add =
    (name: string, value: Json): Script =>
    (context) =>
      ({ output: context.params.value ?? null, state: [{ name, value }] }) as never;

  test("is read by later nodes and changed in the order in which steps end", async () => {
    const slow = Promise.withResolvers<void>();
    const document = documentOf(
      { start: {}, a: {}, b: {}, end: { params: { value: "{{ state.log }}" } } },
      ["start>a", "start>b", "a>end", "b>end"],
      {
        state: fields,
      },
    );
    const a: Script = async () => {
      await slow.promise;
      return { output: null, state: [{ name: "log", value: "a" }] };
    };
    const run = startScriptedRun(document, { a, b: add("log", "b") });
    await settle();
    slow.resolve();
    expect(await run.outcome).toMatchObject({ output: ["begin", "b", "a"] });
    expect(run.journal.appended.find(({ nodeId }) => nodeId === "a")).toMatchObject({ state: [{ name: "log", value: "a" }] });
  });

  test("is what it was when a step's turn came, for its params and its handler", async () => {
    const document = documentOf(
      { start: {}, a: {}, b: { params: { value: "{{ state.sum }}" } }, end: {} },
      ["start>a", "start>b", "b>end"],
      { state: fields },
    );
    const b: Script = ({ params, state }) => ({ output: [params.value as Json, state.sum ?? null] });
    const { outcome } = await runScripted(document, { a: add("sum", 10), b });
    // Both had their turn when the trigger ended; that `a` ran before `b` makes no difference, nor would a resume.
    expect(outcome).toMatchObject({ output: [1, 1] });
  });

  test("is changed by tools once the step that called them ends", async () => {
    const document = documentOf(
      { start: {}, a: {}, t: { params: { value: "{{ state.sum }}" } }, end: { params: { value: "{{ [a.output, state.sum] }}" } } },
      ["start>a", "t~a.tools", "a>end"],
      { state: fields },
    );
    const a: Script = async ({ attachments }) => {
      const tool = attachments.tools?.[0]?.tool;
      return { output: [await tool?.call({}, "0"), await tool?.call({}, "1")] as unknown as Json };
    };
    const { outcome, journal } = await runScripted(document, { a, t: add("sum", 5) });
    expect(outcome).toMatchObject({ output: [[{ output: 1 }, { output: 1 }], 11] });
    const again = await runScripted(document, { a, t: add("sum", 5) }, { recorded: journal.appended.slice(0, 2) });
    expect(again.outcome).toMatchObject({ output: [[{ output: 1 }, { output: 1 }], 11] });
  });

  test.each([
    ["a name that it does not have", [{ name: "other", value: 1 }]],
    ["a text for a number", [{ name: "sum", value: "1" }]],
  ])("%s fails the step", async (_name, state) => {
    const { outcome } = await runScripted(documentOf({ start: {}, a: {} }, ["start>a"], { state: fields }), {
      a: () => ({ output: 1, state }),
    });
    expect(outcome).toMatchObject({ status: "failed", error: { code: "output_invalid", nodeId: "a" } });
  });

  test("is there after a resume, also from rounds that are over", async () => {
    const document = documentOf(
      {
        start: {},
        loop: { type: "loop", params: { mode: "count", count: 3 } },
        a: { parent: "loop" },
        end: { params: { value: "{{ state.log }}" } },
      },
      ["start>loop", "loop>end"],
      { state: fields },
    );
    const a: Script = ({ idempotencyKey }) => ({ output: 1, state: [{ name: "log", value: idempotencyKey.slice(-1) }] });
    const whole = await runScripted(document, { a });
    expect(whole.outcome).toMatchObject({ output: ["begin", "0", "1", "2"] });
    const resumed = await runScripted(document, { a }, { recorded: whole.journal.appended.slice(0, -1) });
    expect(resumed.outcome).toMatchObject({ output: ["begin", "0", "1", "2"] });
    expect(resumed.journal.appended.map((step) => step.key)).toEqual(["end#"]);
  });
});
