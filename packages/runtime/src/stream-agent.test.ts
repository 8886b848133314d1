import type { StepServices } from "@heddle/node-kit";
import type { RunEvent } from "@heddle/schema";
import { documentOf, scriptedHandlers, scriptedRegistry, type Script } from "@heddle/testing/runtime/scripted-nodes";
import { inShort, settle } from "@heddle/testing/runtime/scripted-run";
import { VirtualClock } from "@heddle/testing/runtime/virtual-clock";
import { describe, expect, test } from "vitest";
import { compileAgent } from "./compile-agent.ts";
import { MemoryJournal } from "./memory-journal.ts";
import type { RunOptions } from "./ports.ts";
import { streamAgent } from "./stream-agent.ts";

const agent = compileAgent(documentOf({ start: {}, a: {} }, ["start>a"]), scriptedRegistry);

function stream(a: Script, rest: Partial<RunOptions> = {}) {
  const clock = new VirtualClock();
  return streamAgent(agent, {
    input: "in",
    run: { executionId: "e", agentId: "a", workspaceId: "w", startedAt: clock.now(), isDeployed: true },
    services: {} as StepServices,
    handlers: scriptedHandlers({ a }),
    journal: new MemoryJournal(),
    clock,
    random: Math.random,
    signal: new AbortController().signal,
    ...rest,
  });
}

describe("streamAgent", () => {
  test("yields every event as it happens and returns the outcome", async () => {
    const events: RunEvent[] = [];
    const generator = stream(async (context) => {
      context.stream("one");
      await settle();
      context.stream("two");
      return { output: "done" };
    });
    let result = await generator.next();
    for (; !result.done; result = await generator.next()) events.push(result.value);
    expect(inShort(events)).toEqual(["started start", "completed start", "started a", "a: one", "a: two", "completed a", "run completed"]);
    expect(result.value).toMatchObject({ status: "completed", output: "done" });
  });

  test("cancels the run when its reader leaves", async () => {
    let signal: AbortSignal | undefined;
    for await (const event of stream((context) => {
      signal = context.signal;
      return new Promise(() => {});
    })) {
      if (event.type === "step.started" && event.nodeId === "a") break;
    }
    expect(signal?.aborted).toBe(true);
  });

  test("hears the caller's own signal", async () => {
    const cancellation = new AbortController();
    const events: RunEvent[] = [];
    for await (const event of stream(() => new Promise(() => {}), { signal: cancellation.signal })) {
      events.push(event);
      if (event.type === "step.started" && event.nodeId === "a") cancellation.abort();
    }
    expect(inShort(events).at(-1)).toBe("run cancelled");
  });

  test("throws what leaves a run without an outcome", async () => {
    const append = () => {
      throw new Error("disk full");
    };
    const drain = async () => {
      for await (const _event of stream(() => ({ output: 1 }), { journal: { recorded: [], append } }));
    };
    await expect(drain()).rejects.toMatchObject({ code: "unavailable" });
  });
});
