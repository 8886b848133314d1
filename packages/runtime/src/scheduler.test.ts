import { documentOf } from "@heddle/testing/runtime/scripted-nodes";
import { inShort, runScripted, settle, startScriptedRun } from "@heddle/testing/runtime/scripted-run";
import { describe, expect, test } from "vitest";

const merge = (mode: "all" | "any" | "first") => ({ type: "merge", params: { mode } });

/** A handler that ends when the test says so. */
function gate() {
  const { promise, resolve, reject } = Promise.withResolvers<{ output: string; ports?: string[] }>();
  return {
    run: () => promise,
    open: (output: string, ports?: string[]) => resolve(ports === undefined ? { output } : { output, ports }),
    fail: reject,
  };
}

describe("order", () => {
  test("a chain runs one node after another and ends with the last one's output", async () => {
    const document = documentOf({ start: {}, a: {}, b: { params: { value: "{{ a.output.name }}!" } } }, ["start>a", "a>b"]);
    const { events, outcome } = await runScripted(document, {}, { input: { name: "Ada" } });
    expect(inShort(events)).toEqual([
      "started start",
      "completed start",
      "started a",
      "completed a",
      "started b",
      "completed b",
      "run completed",
    ]);
    expect(outcome).toMatchObject({ status: "completed", output: "Ada!", steps: 3 });
  });

  test("branches run at the same time and a node with several inputs waits for all of them", async () => {
    const [a, b] = [gate(), gate()];
    const document = documentOf({ start: {}, a: {}, b: {}, end: merge("all") }, ["start>a", "start>b", "a>end", "b>end"]);
    const run = startScriptedRun(document, { a: a.run, b: b.run });
    await settle();
    expect(inShort(run.events).slice(2)).toEqual(["started a", "started b"]);
    b.open("from b");
    await settle();
    expect(inShort(run.events).slice(4)).toEqual(["completed b"]);
    a.open("from a");
    expect(await run.outcome).toMatchObject({ output: { branches: { b: "from b", a: "from a" } } });
  });

  test("a chain of 2,000 synchronous nodes does not exhaust the stack", async () => {
    const ids = Array.from({ length: 2_000 }, (_, index) => `n${index}`);
    const edges = ids.map((id, index) => `${index === 0 ? "start" : ids[index - 1]}>${id}`);
    const document = documentOf({ start: {}, ...Object.fromEntries(ids.map((id) => [id, {}])) }, edges);
    expect((await runScripted(document, {}, { limits: { maxSteps: 5_000 } })).outcome).toMatchObject({ status: "completed", steps: 2_001 });
  });

  test("nothing goes on before a journal that takes its time has answered", async () => {
    const written = Promise.withResolvers<void>();
    const journal = { recorded: [], append: (step: { nodeId: string }) => (step.nodeId === "a" ? written.promise : undefined) };
    const run = startScriptedRun(documentOf({ start: {}, a: {}, b: {} }, ["start>a", "a>b"]), {}, { journal });
    await settle();
    expect(inShort(run.events)).toEqual(["started start", "completed start", "started a"]);
    written.resolve();
    expect(await run.outcome).toMatchObject({ status: "completed" });
  });
});

describe("pruning", () => {
  const choice = { params: { ports: ["yes", "no"] } };

  test("what the taken port does not lead to is skipped, all the way down", async () => {
    const document = documentOf({ start: {}, choice, yes: {}, no: {}, after: {} }, [
      "start>choice",
      "choice.yes>yes",
      "choice.no>no",
      "no>after",
    ]);
    const { events, outcome } = await runScripted(document, {
      choice: () => ({ output: 1, ports: ["yes"] }),
      yes: () => ({ output: "taken" }),
    });
    expect(inShort(events).slice(4)).toEqual(["skipped no", "skipped after", "started yes", "completed yes", "run completed"]);
    expect(outcome).toMatchObject({ output: "taken" });
  });

  test("a diamond joins with the branch that was taken", async () => {
    const document = documentOf({ start: {}, choice, yes: {}, no: {}, end: { params: { value: "{{ yes.output ?? no.output }}" } } }, [
      "start>choice",
      "choice.yes>yes",
      "choice.no>no",
      "yes>end",
      "no>end",
    ]);
    const { outcome, journal } = await runScripted(document, {
      choice: () => ({ output: 1, ports: ["no"] }),
      no: () => ({ output: "no it is" }),
    });
    expect(outcome).toMatchObject({ status: "completed", output: "no it is" });
    expect(journal.appended.map((step) => step.key)).toEqual(["start#", "choice#", "no#", "end#"]);
  });

  test("a merge of all waits only for branches that are not pruned", async () => {
    const document = documentOf({ start: {}, choice, yes: {}, no: {}, other: {}, end: merge("all") }, [
      "start>choice",
      "start>other",
      "choice.yes>yes",
      "choice.no>no",
      "yes>end",
      "no>end",
      "other>end",
    ]);
    const { outcome } = await runScripted(document, {
      choice: () => ({ output: 1, ports: ["yes"] }),
      yes: () => ({ output: "y" }),
      other: () => ({ output: "o" }),
    });
    expect(outcome).toMatchObject({ output: { branches: { yes: "y", other: "o" } } });
  });

  test("a node without the chosen trigger above it never runs", async () => {
    const document = documentOf({ start: {}, second: { type: "start" }, a: {}, b: {}, both: {} }, [
      "start>a",
      "second>b",
      "a>both",
      "b>both",
    ]);
    const { journal, events } = await runScripted(document, {}, { trigger: "second" });
    expect(journal.appended.map((step) => step.key)).toEqual(["second#", "b#", "both#"]);
    expect(inShort(events)).toContain("skipped a");
  });

  test("a trigger that does not exist is refused", async () => {
    await expect(runScripted(documentOf({ start: {} }, []), {}, { trigger: "nobody" })).rejects.toMatchObject({ code: "invalid_request" });
  });
});

describe("merges", () => {
  const race = (mode: "any" | "first") =>
    documentOf({ start: {}, a: {}, b: {}, b2: {}, end: merge(mode), after: {} }, [
      "start>a",
      "start>b",
      "b>b2",
      "a>end",
      "b2>end",
      "end>after",
    ]);

  test("any goes on with the first arrival and lets the others end", async () => {
    const [a, b] = [gate(), gate()];
    const run = startScriptedRun(race("any"), { a: a.run, b: b.run });
    await settle();
    a.open("fast");
    await settle();
    expect(inShort(run.events)).toContain("completed after");
    expect(inShort(run.events)).not.toContain("run completed");
    b.open("slow");
    expect(await run.outcome).toMatchObject({ output: "fast" });
    expect(inShort(run.events)).toContain("completed b2");
  });

  test("first gives up the branches that lost, even handlers that do not listen", async () => {
    const [a, b] = [gate(), gate()];
    const signals: AbortSignal[] = [];
    const run = startScriptedRun(race("first"), {
      a: a.run,
      b: (context) => {
        signals.push(context.signal);
        return b.run();
      },
    });
    await settle();
    a.open("fast");
    expect(await run.outcome).toMatchObject({ status: "completed", output: "fast" });
    expect(signals[0]?.aborted).toBe(true);
    expect(inShort(run.events).filter((event) => event.startsWith("skipped"))).toEqual(["skipped b2", "skipped b"]);
    b.open("late");
    await settle();
    expect(run.journal.appended.map((step) => step.key)).toEqual(["start#", "a#", "end#", "after#"]);
  });

  test("a loser that ends while the winner's record is being written does not count twice", async () => {
    const document = documentOf({ start: {}, a: {}, b: {}, end: merge("first"), after: {} }, [
      "start>a",
      "start>b",
      "a>end",
      "b>end",
      "end>after",
    ]);
    const journal = { recorded: [], append: () => Promise.resolve() };
    const run = startScriptedRun(
      document,
      { a: () => ({ output: "a" }), b: () => ({ output: "b" }), after: () => ({ output: "after" }) },
      { journal },
    );
    expect(await run.outcome).toMatchObject({ status: "completed", output: "after" });
  });

  describe("of the first two", () => {
    const choice = { params: { ports: ["out", "other"] } };
    const document = documentOf({ start: {}, a: choice, b: {}, c: {}, end: { type: "merge", params: { mode: "firstN", n: 2 } } }, [
      "start>a",
      "start>b",
      "start>c",
      "a>end",
      "b>end",
      "c>end",
    ]);

    test("go on after two arrivals, in the order in which they came, and give up the rest", async () => {
      const [a, b, c] = [gate(), gate(), gate()];
      const run = startScriptedRun(document, { a: a.run, b: b.run, c: c.run });
      await settle();
      c.open("third");
      await settle();
      expect(inShort(run.events)).not.toContain("started end");
      a.open("first");
      expect(await run.outcome).toMatchObject({ status: "completed", output: ["third", "first"] });
      expect(inShort(run.events)).toContain("skipped b");
    });

    test("go on with fewer when no more can come", async () => {
      const failing = () => ({ output: null, ports: ["other"] });
      const two = documentOf({ start: {}, a: choice, b: {}, end: { type: "merge", params: { mode: "firstN", n: 2 } } }, [
        "start>a",
        "start>b",
        "a>end",
        "b>end",
      ]);
      expect((await runScripted(two, { a: failing, b: () => ({ output: "b" }) })).outcome).toMatchObject({ output: ["b"] });
    });
  });

  test("a loser that is a loop is given up with its rounds", async () => {
    const [a, b] = [gate(), gate()];
    const document = documentOf(
      { start: {}, a: {}, loop: { type: "map", params: { items: [1, 2] } }, b: { parent: "loop" }, end: merge("first") },
      ["start>a", "start>loop", "a>end", "loop>end"],
    );
    const signals: AbortSignal[] = [];
    const run = startScriptedRun(document, {
      a: a.run,
      b: (context) => {
        signals.push(context.signal);
        return b.run();
      },
    });
    await settle();
    a.open("fast");
    expect(await run.outcome).toMatchObject({ status: "completed", output: "fast" });
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
  });

  test("first leaves alone what also leads elsewhere", async () => {
    const [a, b] = [gate(), gate()];
    const document = documentOf({ start: {}, a: {}, b: {}, log: {}, end: merge("first") }, [
      "start>a",
      "start>b",
      "a>end",
      "b>end",
      "b>log",
    ]);
    const run = startScriptedRun(document, { a: a.run, b: b.run });
    await settle();
    a.open("fast");
    await settle();
    b.open("slow");
    await run.outcome;
    expect(inShort(run.events)).toContain("completed log");
  });

  test.for(["any", "first"] as const)("%s is skipped when every branch is", async (mode) => {
    const document = documentOf({ start: {}, choice: { params: { ports: ["yes", "no"] } }, end: merge(mode) }, [
      "start>choice",
      "choice.no>end",
    ]);
    const { events } = await runScripted(document, { choice: () => ({ output: 1, ports: ["yes"] }) });
    expect(inShort(events)).toContain("skipped end");
  });
});

describe("output", () => {
  test("the last completed reply wins over later leaves", async () => {
    const document = documentOf(
      {
        start: {},
        one: { type: "reply", params: { value: "first" } },
        a: {},
        two: { type: "reply", params: { value: "second" } },
        leaf: {},
        leaf2: {},
      },
      ["start>one", "start>a", "a>two", "a>leaf", "leaf>leaf2"],
    );
    expect((await runScripted(document)).outcome).toMatchObject({ output: "second" });
  });

  test("a document of nothing but a trigger answers its input", async () => {
    expect((await runScripted(documentOf({ start: {} }, []), {}, { input: "hello" })).outcome).toMatchObject({ output: "hello", steps: 1 });
  });
});

describe("disabled and pinned nodes", () => {
  test("a disabled node passes on what arrives and is not recorded", async () => {
    const document = documentOf({ start: {}, a: {}, off: { isDisabled: true }, b: { params: { value: "{{ off.output }}" } } }, [
      "start>a",
      "a>off",
      "off>b",
    ]);
    const { outcome, journal, events } = await runScripted(document, { a: () => ({ output: "from a" }) });
    expect(outcome).toMatchObject({ output: "from a" });
    expect(inShort(events)).toContain("skipped off");
    expect(journal.appended.map((step) => step.key)).toEqual(["start#", "a#", "b#"]);
  });

  test("a pinned node answers its pin without running, null included", async () => {
    const document = documentOf({ start: {}, a: {}, b: { params: { value: { a: "{{ a.output }}" } } } }, ["start>a", "a>b"]);
    const fail = () => {
      throw new Error("ran");
    };
    const { outcome, journal } = await runScripted(document, { a: fail }, { pins: { a: null } });
    expect(outcome).toMatchObject({ status: "completed", output: { a: null } });
    expect(journal.appended.map((step) => step.key)).toEqual(["start#", "a#", "b#"]);
  });
});
