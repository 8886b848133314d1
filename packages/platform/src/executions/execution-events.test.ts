import { describe, expect, it } from "vitest";
import { ExecutionEvents } from "./execution-events.ts";

const started = { type: "run.started", at: 1 } as const;
const delta = (text: string) => ({ type: "step.delta", at: 2, key: "answer#", nodeId: "answer", text }) as const;

describe("ExecutionEvents", () => {
  it("gives a late watcher what it missed, in order and numbered", () => {
    const events = new ExecutionEvents();
    const publish = events.open("run", "agent", "workspace");
    publish(started);
    publish(delta("a"));
    const seen: number[] = [];
    events.watchExecution("run", (event) => seen.push(event.id));
    publish(delta("b"));
    expect(seen).toEqual([1, 2, 3]);
  });

  it("goes on after the last event that a watcher has seen", () => {
    const events = new ExecutionEvents();
    const publish = events.open("run", "agent", "workspace");
    publish(started);
    publish(delta("a"));
    const seen: number[] = [];
    events.watchExecution("run", (event) => seen.push(event.id), 1);
    expect(seen).toEqual([2]);
  });

  it("tells those who watch an agent of each of its runs and of no other", () => {
    const events = new ExecutionEvents();
    const seen: string[] = [];
    const stop = events.watchAgent("agent", (event) => seen.push(event.executionId));
    events.open("run-1", "agent", "workspace")(started);
    events.open("run-2", "other", "workspace")(started);
    stop();
    events.open("run-3", "agent", "workspace")(started);
    expect(seen).toEqual(["run-1"]);
    expect(events.isAgentWatched("agent")).toBe(false);
  });

  it("keeps only the latest events of a run that talks a lot", () => {
    const events = new ExecutionEvents();
    const publish = events.open("run", "agent", "workspace");
    for (let i = 0; i < 2_500; i++) publish(delta("x"));
    const seen: number[] = [];
    events.watchExecution("run", (event) => seen.push(event.id));
    expect(seen.length).toBe(2_000);
    expect(seen.at(-1)).toBe(2_500);
  });
});
