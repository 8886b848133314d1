import type { RunEvent, StepRecord } from "@heddle/schema";
import { expect, test } from "vitest";
import { afterEvent, afterEvents, afterProblem, answerText, isUnderWay, type RunState, startedRun } from "./run-state.ts";

const done = (key: string, extra: Partial<StepRecord> = {}): RunEvent => {
  const nodeId = key.slice(0, key.indexOf("#"));
  const step = {
    key,
    nodeId,
    startedAt: 10,
    durationMs: 5,
    attempts: 1,
    status: "completed",
    output: "x",
    ports: ["out"],
    ...extra,
  } as StepRecord;
  return { type: "step.completed", at: 15, key, nodeId, step };
};
const started = (key: string): RunEvent => ({ type: "step.started", at: 10, key, nodeId: key.slice(0, key.indexOf("#")) });
const after = (...events: RunEvent[]): RunState => events.reduce(afterEvent, startedRun(0));
const call = { provider: "p", model: "m", usage: { inputTokens: 7, outputTokens: 3 }, durationMs: 4 };

test("a node runs, then is done, with its time and tokens", () => {
  expect(after(started("llm#")).nodes["llm"]).toMatchObject({ status: "running", durationMs: undefined });
  expect(after(started("llm#"), done("llm#", { modelCalls: [call] })).nodes["llm"]).toMatchObject({
    status: "completed",
    durationMs: 5,
    tokens: 10,
    runs: 1,
  });
});

test("what a node does inside itself counts to its tokens and not to its runs", () => {
  const run = after(
    started("llm#"),
    done("llm#/call:0", { modelCalls: [call] }),
    done("llm#/call:1", { modelCalls: [call] }),
    done("llm#"),
  );
  expect(run.nodes["llm"]).toMatchObject({ runs: 1, tokens: 20, durationMs: 5 });
  expect(run.steps.map(({ key }) => key)).toEqual(["llm#", "llm#/call:0", "llm#/call:1"]);
});

test("a tool that ran twice has run twice", () => {
  expect(after(done("lookup#0"), done("lookup#1")).nodes["lookup"]).toMatchObject({ runs: 2, durationMs: 10 });
});

test("text is put together step by step, and another step's text begins anew", () => {
  const delta = (key: string, text: string): RunEvent => ({ type: "step.delta", at: 1, key, nodeId: "n", text });
  const run = after(started("a#"), delta("a#", "Hel"), delta("a#", "lo"));
  expect(run.streamed).toEqual({ key: "a#", text: "Hello" });
  expect(run.steps[0]?.text).toBe("Hello");
  expect(afterEvent(run, delta("b#", "Bye")).streamed).toEqual({ key: "b#", text: "Bye" });
});

test("a step that is tried again forgets the text of the first try", () => {
  const error = { code: "provider_overloaded" as const, message: "busy" };
  const run = after(
    started("a#"),
    { type: "step.delta", at: 1, key: "a#", nodeId: "a", text: "half" },
    { type: "step.retrying", at: 2, key: "a#", nodeId: "a", attempt: 2, delayMs: 5, error },
  );
  expect(run.steps[0]).toMatchObject({ status: "retrying", attempts: 2, text: "", error });
  expect(run.streamed).toBeUndefined();
});

test("a step that begins anew at another process does not show its first words twice", () => {
  const delta = (text: string): RunEvent => ({ type: "step.delta", at: 2, key: "a#", nodeId: "a", text });
  const run = after(started("a#"), delta("Good mo"), started("a#"), delta("Good morning"));
  expect(run.streamed).toEqual({ key: "a#", text: "Good morning" });
  expect(run.steps).toHaveLength(1);
});

test("the outcome closes the run", () => {
  const usage = { inputTokens: 1, outputTokens: 2 };
  const run = after({
    type: "run.finished",
    at: 9,
    outcome: { status: "completed", output: { answer: "ok" }, usage, steps: 1, durationMs: 9 },
  });
  expect(run).toMatchObject({ status: "completed", output: { answer: "ok" }, tokens: 3, durationMs: 9 });
  const failed = after({
    type: "run.finished",
    at: 9,
    outcome: { status: "failed", error: { code: "run_timeout", message: "too long" }, usage, steps: 1, durationMs: 9 },
  });
  expect(failed).toMatchObject({ status: "failed", problem: { code: "run_timeout", detail: "too long" } });
});

test("a stream that breaks leaves no node running", () => {
  const run = afterProblem(after(started("a#"), done("b#")), { code: "unavailable", detail: "gone" });
  expect(run.nodes).toMatchObject({ a: { status: "skipped" }, b: { status: "completed" } });
  expect(isUnderWay(run)).toBe(false);
  expect(afterProblem(after(started("a#")), { code: "run_cancelled", detail: "Stopped." }).status).toBe("cancelled");
});

test("an answer's text is found in the output", () => {
  expect(answerText("hi")).toBe("hi");
  expect(answerText({ answer: "", text: "there" })).toBe("there");
  expect(answerText({ count: 3 })).toBeUndefined();
  expect(answerText(["x"])).toBeUndefined();
});

test("a container counts its rounds, and what is inside it its runs", () => {
  const rounds = Array.from({ length: 3 }, (_, index) => [started(`step#${index}`), done(`step#${index}`)]).flat();
  const run = after(
    started("loop#"),
    ...rounds.slice(0, 2),
    { type: "step.progress", at: 3, key: "loop#", nodeId: "loop", done: 1, total: 3 },
    ...rounds.slice(2),
  );
  expect(run.nodes["loop"]).toMatchObject({ status: "running", progress: { done: 1, total: 3 } });
  expect(run.nodes["step"]).toMatchObject({ status: "completed", runs: 3, durationMs: 15, ports: ["out"] });
});

test("a run that waits says for what, and goes on", () => {
  const wait = { key: "ask#", nodeId: "ask", kind: "approval", title: "Refund?" } as const;
  const waiting = after(
    started("ask#"),
    { type: "step.waiting", at: 2, key: "ask#", nodeId: "ask", wait },
    { type: "run.waiting", at: 3, waits: [wait] },
  );
  expect(waiting).toMatchObject({ status: "waiting", waits: [wait], nodes: { ask: { status: "waiting" } } });
  expect(isUnderWay(waiting)).toBe(true);
  expect(afterEvent(waiting, done("ask#"))).toMatchObject({ status: "running", waits: [], nodes: { ask: { status: "completed" } } });
});

test("another agent's steps belong to the node that runs it, whatever its nodes are called", () => {
  const run = after(
    started("ask#"),
    started("ask#/agent/llm#"),
    done("ask#/agent/llm#", { nodeId: "llm", modelCalls: [call] }),
    done("ask#"),
  );
  expect(run.nodes["llm"]).toBeUndefined();
  expect(run.nodes["ask"]).toMatchObject({ runs: 1, tokens: 10 });
});

test("ten thousand steps that come together are taken in one go", () => {
  const events = Array.from({ length: 10_000 }, (_, index) => [started(`step#${index}`), done(`step#${index}`)]).flat();
  const run = afterEvents(startedRun(0), events);
  expect(run.steps).toHaveLength(10_000);
  expect(run.nodes["step"]).toMatchObject({ runs: 10_000, active: 0 });
});
