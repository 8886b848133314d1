import { HeddleError } from "@heddle/schema";
import { documentOf, type Script } from "@heddle/testing/runtime/scripted-nodes";
import { runScripted } from "@heddle/testing/runtime/scripted-run";
import { describe, expect, test } from "vitest";

const fail: Script = () => {
  throw new HeddleError("http_failed", "Away.");
};
const loop = (onItemError: string, onError: "fail" | "continue" = "fail") => ({
  type: "loop",
  onError,
  params: { mode: "count", count: 2, onItemError },
});

describe("a run that failed and is tried again", () => {
  test("runs the step that failed anew, and nothing that was done", async () => {
    const done: string[] = [];
    const note: Script = ({ idempotencyKey }) => {
      done.push(idempotencyKey);
      return { output: 1 };
    };
    const document = documentOf({ start: {}, a: {}, b: {} }, ["start>a", "a>b"]);
    const first = await runScripted(document, { a: note, b: fail });
    expect(first.outcome).toMatchObject({ status: "failed" });
    const recorded = first.journal.steps;
    expect((await runScripted(document, { a: note, b: note }, { recorded })).outcome).toMatchObject({ status: "failed" });
    expect((await runScripted(document, { a: note, b: note }, { recorded, isRetry: true })).outcome).toMatchObject({ status: "completed" });
    expect(done).toEqual(["execution:a#", "execution:b#"]);
  });

  test.each([
    ["in a round that ended its loop", loop("fail"), ["a#0", "a#1", "loop#"]],
    ["but not in rounds that the loop had gone on from", loop("continue"), []],
    ["but not in a loop that was gone on from", loop("fail", "continue"), []],
  ])("does so %s", async (_name, node, appended) => {
    const document = documentOf({ start: {}, loop: node, a: { parent: "loop" }, end: {} }, ["start>loop", "loop>end"]);
    const first = await runScripted(document, { a: fail, end: fail });
    const second = await runScripted(document, { a: () => ({ output: 1 }), end: fail }, { recorded: first.journal.steps, isRetry: true });
    // What comes after the loop fails again.
    expect(second.journal.appended.map((step) => step.key)).toEqual([...appended, "end#"]);
    expect(second.outcome.status).toBe("failed");
  });
});
