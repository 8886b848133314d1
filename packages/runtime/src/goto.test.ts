import { documentOf, type Script } from "@heddle/testing/runtime/scripted-nodes";
import { inShort, runScripted, settle, startScriptedRun } from "@heddle/testing/runtime/scripted-run";
import { describe, expect, test } from "vitest";

const goto = (target: string, maxJumps = 10) => ({ type: "goto", params: { target, maxJumps } });
const choice = { params: { ports: ["again", "done"] } };

/** Takes `again` so many times, then `done`. */
function times(most: number): Script {
  let count = 0;
  return () => {
    count += 1;
    return { output: count, ports: [count <= most ? "again" : "done"] };
  };
}

describe("a go-to", () => {
  test("starts an earlier node anew with what it was given, and all that follows", async () => {
    const document = documentOf({ start: {}, draft: {}, check: choice, back: goto("draft"), end: {} }, [
      "start>draft",
      "draft>check",
      "check.again>back",
      "check.done>end",
    ]);
    const seen: unknown[] = [];
    const draft: Script = ({ arrivals, idempotencyKey }) => {
      seen.push([idempotencyKey, arrivals.in?.[0]]);
      return { output: "draft" };
    };
    const { outcome, journal, events } = await runScripted(document, { draft, check: times(2) });
    expect(outcome).toMatchObject({ status: "completed", output: 3 });
    expect(journal.appended.map((step) => step.key)).toEqual([
      "start#",
      "draft#",
      "check#",
      "back#",
      "draft#~2",
      "check#~2",
      "back#~2",
      "draft#~3",
      "check#~3",
      "end#~3",
    ]);
    expect(seen).toEqual([
      ["execution:draft#", { nodeId: "start", port: "out", value: null }],
      ["execution:draft#~2", { nodeId: "back", port: "jump", value: 1 }],
      ["execution:draft#~3", { nodeId: "back", port: "jump", value: 2 }],
    ]);
    expect(inShort(events)).toContain("skipped end");
  });

  test.each([
    ["fails with jump_limit after its limit", [], { status: "failed", error: { code: "jump_limit", nodeId: "back" } }],
    ["leaves by its port after its limit where that leads somewhere", ["back.exhausted>rest"], { status: "completed", output: 3 }],
  ])("%s", async (_name, edges, expected) => {
    const document = documentOf({ start: {}, draft: {}, check: choice, back: goto("draft", 2), rest: {} }, [
      "start>draft",
      "draft>check",
      "check.again>back",
      ...edges,
    ]);
    const { outcome, journal } = await runScripted(document, { check: times(99) });
    expect(outcome).toMatchObject(expected);
    expect(journal.appended.filter(({ nodeId }) => nodeId === "draft")).toHaveLength(3);
  });

  test("keeps values that came from elsewhere for nodes that wait for all", async () => {
    const document = documentOf({ start: {}, side: {}, draft: {}, both: {}, check: choice, back: goto("draft") }, [
      "start>draft",
      "start>side",
      "draft>both",
      "side>both",
      "both>check",
      "check.again>back",
    ]);
    const seen: unknown[] = [];
    const both: Script = ({ arrivals }) => {
      seen.push(arrivals.in?.map(({ nodeId }) => nodeId).toSorted());
      return { output: 1 };
    };
    const { journal } = await runScripted(document, { both, check: times(1) });
    expect(seen).toEqual([
      ["draft", "side"],
      ["draft", "side"],
    ]);
    expect(journal.appended.filter(({ nodeId }) => nodeId === "side")).toHaveLength(1);
  });

  test("waits again for a value from elsewhere that has not come", async () => {
    const side = Promise.withResolvers<{ output: string }>();
    const document = documentOf({ start: {}, side: {}, draft: {}, both: {}, check: choice, back: goto("draft") }, [
      "start>draft",
      "start>side",
      "draft>both",
      "side>both",
      "draft>check",
      "check.again>back",
    ]);
    const run = startScriptedRun(document, { side: () => side.promise, check: times(1) });
    await settle();
    side.resolve({ output: "late" });
    expect(await run.outcome).toMatchObject({ status: "completed" });
    expect(run.journal.appended.map((step) => step.key).slice(-2)).toEqual(["side#", "both#~2"]);
  });

  test("gives up what is still under way there", async () => {
    const aborted: unknown[] = [];
    const document = documentOf({ start: {}, draft: {}, slow: {}, check: choice, back: goto("draft"), end: {} }, [
      "start>draft",
      "draft>slow",
      "draft>check",
      "check.again>back",
      "check.done>end",
    ]);
    const slow: Script = async ({ signal, idempotencyKey }) => {
      if (idempotencyKey.endsWith("~2")) return { output: "second" };
      await new Promise<void>((resolve) => {
        signal.addEventListener("abort", () => {
          aborted.push(idempotencyKey);
          resolve();
        });
      });
      return { output: "first" };
    };
    const { outcome, journal } = await runScripted(document, { slow, check: times(1) });
    expect(outcome).toMatchObject({ status: "completed" });
    expect(aborted).toEqual(["execution:slow#"]);
    expect(journal.appended.map((step) => step.key)).not.toContain("slow#");
  });

  test("goes back inside a loop's round, with a limit for each round", async () => {
    const document = documentOf(
      {
        start: {},
        loop: { type: "loop", params: { mode: "count", count: 2 } },
        draft: { parent: "loop" },
        back: { ...goto("draft", 1), parent: "loop" },
        end: { parent: "loop" },
      },
      ["start>loop", "draft>back", "back.exhausted>end"],
    );
    const { outcome, journal } = await runScripted(document, { end: ({ idempotencyKey }) => ({ output: idempotencyKey }) });
    expect(outcome).toMatchObject({ output: { items: ["execution:end#0~2", "execution:end#1~2"] } });
    expect(journal.appended.map((step) => step.key).filter((key) => key.startsWith("draft"))).toEqual([
      "draft#0",
      "draft#0~2",
      "draft#1",
      "draft#1~2",
    ]);
  });

  test("starts a loop anew, with keys of their own for its rounds", async () => {
    const document = documentOf(
      { start: {}, loop: { type: "loop", params: { mode: "count", count: 2 } }, a: { parent: "loop" }, back: goto("loop", 1), end: {} },
      ["start>loop", "loop>back", "back.exhausted>end"],
    );
    const { journal } = await runScripted(document);
    expect(journal.appended.map((step) => step.key)).toEqual([
      "start#",
      "a#0",
      "a#1",
      "loop#",
      "back#",
      "a#~2.0",
      "a#~2.1",
      "loop#~2",
      "back#~2",
      "end#~2",
    ]);
  });
});
