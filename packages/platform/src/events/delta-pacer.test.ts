import type { RunEvent } from "@heddle/schema";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { DeltaPacer } from "./delta-pacer.ts";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const delta = (key: string, text: string): RunEvent => ({ type: "step.delta", at: 1, key, nodeId: key, text });

it("passes the text of a step that writes alone on at once", () => {
  const heard: string[] = [];
  const pacer = new DeltaPacer((event) => heard.push("text" in event ? event.text : event.type));
  for (const text of ["a", "b", "c"]) pacer.take(delta("llm#", text));
  expect(heard).toEqual(["a", "b", "c"]);
});

it("gathers the texts of steps that write at the same time to twenty a second each, and loses no letter", () => {
  const heard: RunEvent[] = [];
  const pacer = new DeltaPacer((event) => heard.push(event));
  const keys = Array.from({ length: 10 }, (_, index) => `llm#${index}`);
  for (let ms = 0; ms < 1_000; ms += 5) {
    for (const key of keys) pacer.take(delta(key, "x"));
    vi.advanceTimersByTime(5);
  }
  pacer.flush();
  for (const key of keys) {
    const own = heard.flatMap((event) => (event.type === "step.delta" && event.key === key ? [event.text] : []));
    expect(own.join("")).toBe("x".repeat(200));
    expect(own.length).toBeLessThanOrEqual(22);
  }
});

it("tells what a step has written before what becomes of it", () => {
  const heard: string[] = [];
  const pacer = new DeltaPacer((event) => heard.push("text" in event ? `${event.key} ${event.text}` : event.type));
  for (const [key, text] of [["a#", "1"], ["b#", "1"], ["a#", "2"], ["b#", "2"]] as const) pacer.take(delta(key, text)); // prettier-ignore
  pacer.take({ type: "step.skipped", at: 1, key: "a#", nodeId: "a" });
  pacer.take({ type: "run.started", at: 1 });
  expect(heard).toEqual(["a# 1", "a# 2", "step.skipped", "b# 12", "run.started"]);
});
