import type { StepRecord } from "@heddle/schema";
import { settle } from "@heddle/testing/runtime/virtual-clock";
import { describe, expect, test } from "vitest";
import { isNodeKey, isRoundKey, RunJournal } from "./run-journal.ts";

const step = (key: string, more: Partial<StepRecord> = {}): StepRecord =>
  ({
    key,
    nodeId: key.replace(/#.*/, ""),
    startedAt: 0,
    durationMs: 0,
    attempts: 1,
    status: "completed",
    output: null,
    ports: [],
    ...more,
  }) as StepRecord;

function journalOf(recorded: StepRecord[], append: (step: StepRecord) => void | Promise<void> = () => {}) {
  const heard: string[] = [];
  const journal = new RunJournal(
    { recorded, append },
    { journalFailed: () => heard.push("failure"), crash: () => heard.push("fault"), journalIdle: () => heard.push("idle") },
  );
  return { journal, heard, append: (key: string) => journal.append(step(key), () => heard.push(key)) };
}

describe("the order of outcomes", () => {
  test("is counted from 0, and goes on where an earlier owner stopped", () => {
    const appended: StepRecord[] = [];
    const { append } = journalOf([step("a#", { order: 4 }), step("b#", { order: 2 })], (record) => void appended.push(record));
    append("c#");
    append("d#");
    expect(appended.map(({ order }) => order)).toEqual([5, 6]);
  });

  test("of records that are not numbered is that of their ends", () => {
    const { journal } = journalOf([
      step("late#", { startedAt: 9 }),
      step("long#", { startedAt: 1, durationMs: 5 }),
      step("early#", { startedAt: 2 }),
    ]);
    expect(["early#", "long#", "late#"].map((key) => journal.find(key)?.place)).toEqual([0, 1, 2]);
  });

  test("holds when a journal answers in another", async () => {
    const answers: (() => void)[] = [];
    const { append, journal, heard } = journalOf([], ({ key }) => {
      if (key !== "sync#") return new Promise<void>((resolve) => answers.push(resolve));
    });
    for (const key of ["a#", "sync#", "b#"]) append(key);
    expect([heard, journal.isIdle]).toEqual([[], false]);
    answers[1]?.();
    await settle();
    expect(heard).toEqual([]);
    answers[0]?.();
    await settle();
    expect([heard.slice(0, 3), journal.isIdle]).toEqual([["a#", "sync#", "b#"], true]);
    expect(heard.at(-1)).toBe("idle");
  });

  test("a failed write holds nothing up and is never said to be written", async () => {
    const { append, heard } = journalOf([], ({ key }) => (key === "a#" ? Promise.reject(new Error("full")) : Promise.resolve()));
    append("a#");
    append("b#");
    await settle();
    expect(heard.slice(0, 2).toSorted()).toEqual(["b#", "failure"]);
  });
});

test("a record is taken once, and found until then", () => {
  const { journal } = journalOf([step("a#", { order: 0 })]);
  expect(journal.find("a#")).toBeDefined();
  expect(journal.take("a#")?.record.key).toBe("a#");
  expect([journal.take("a#"), journal.find("a#")]).toEqual([undefined, undefined]);
});

test.each([
  ["a#", true, false],
  ["a#~2", true, false],
  ["a#3", true, true],
  ["a#~2.0", true, true],
  ["a#3.0~2", true, true],
  ["a#/call:0", false, false],
  ["a#/tool:0:lookup", true, false],
  ["a#3/tool:0:lookup", true, true],
  ["a#/agent", false, false],
  ["a#/agent/b#", true, false],
  ["a#/agent/b#1/wait", false, true],
  ["n2#", true, false],
])("%s: a node's run %s, in a round %s", (key, isNode, isRound) => {
  expect([isNodeKey(key), isRoundKey(key)]).toEqual([isNode, isRound]);
});
