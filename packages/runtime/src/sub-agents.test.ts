import { HeddleError, type AgentDocument, type Json } from "@heddle/schema";
import { documentOf, scriptedRegistry, type Script } from "@heddle/testing/runtime/scripted-nodes";
import { runScripted, settle, startScriptedRun } from "@heddle/testing/runtime/scripted-run";
import { describe, expect, test } from "vitest";
import { compileAgent } from "./compile-agent.ts";
import type { AgentPort } from "./ports.ts";

const ask = (agentId: string, input: Json = "{{ input }}") => ({ type: "sub-agent", params: { agentId, input } });
const value = (template: string) => ({ params: { value: template } });

/** Agents by id; notes which versions were asked for. */
function agentsOf(documents: Record<string, AgentDocument>, version = 7): AgentPort & { asked: unknown[] } {
  const asked: unknown[] = [];
  return {
    asked,
    load: async (agentId, wanted) => {
      asked.push([agentId, wanted]);
      const document = documents[agentId];
      if (document === undefined) throw new HeddleError("not_found", "There is no such agent.");
      return { agent: compileAgent(document, scriptedRegistry), version: wanted ?? version };
    },
  };
}

const helper = documentOf({ start: {}, x: value("{{ input + '!' + state.sum }}"), y: value("{{ x.output }}") }, ["start>x", "x>y"], {
  state: [{ name: "sum", reducer: "add", initial: 1 }],
  variables: [],
});
const caller = documentOf({ start: {}, ask: ask("helper"), end: value("{{ ask.output }}") }, ["start>ask", "ask>end"]);

describe("an agent inside another", () => {
  test("runs with its own input, state and names, under the keys of its node", async () => {
    const { outcome, journal } = await runScripted(caller, {}, { input: "hi", agents: agentsOf({ helper }) });
    expect(outcome).toMatchObject({ status: "completed", output: "hi!1", steps: 6 });
    expect(journal.appended.map((step) => step.key)).toEqual([
      "start#",
      "ask#/agent",
      "ask#/agent/start#",
      "ask#/agent/x#",
      "ask#/agent/y#",
      "ask#",
      "end#",
    ]);
  });

  test("tells its steps who it is", async () => {
    const seen: string[] = [];
    const x: Script = ({ run, input }) => {
      seen.push(`${run.agentId} ${JSON.stringify(input)}`);
      return { output: null };
    };
    await runScripted(caller, { x }, { input: "hi", agents: agentsOf({ helper }) });
    expect(seen).toEqual(['helper "hi"']);
  });

  test("stays at the version that it began with", async () => {
    const whole = await runScripted(caller, {}, { input: "hi", agents: agentsOf({ helper }) });
    const agents = agentsOf({ helper }, 8);
    const resumed = await runScripted(caller, {}, { input: "hi", agents, recorded: whole.journal.appended.slice(0, 4) });
    expect(agents.asked).toEqual([["helper", 7]]);
    expect(resumed.outcome).toMatchObject({ status: "completed", output: "hi!1" });
    expect(resumed.journal.appended.map((step) => step.key)).toEqual(["ask#/agent/y#", "ask#", "end#"]);
  });

  test("is not loaded again once it has ended", async () => {
    const whole = await runScripted(caller, {}, { input: "hi", agents: agentsOf({ helper }) });
    const agents = agentsOf({});
    const resumed = await runScripted(caller, {}, { input: "hi", agents, recorded: whole.journal.appended.slice(0, -1) });
    expect(resumed.outcome).toMatchObject({ output: "hi!1" });
    expect(agents.asked).toEqual([]);
  });

  test.each([
    ["fail", { status: "failed", error: { code: "http_failed", nodeId: "ask", details: { agentId: "helper", failedNodeId: "x" } } }],
    ["continue", { status: "completed", output: { error: { code: "http_failed" } } }],
  ] as const)("that fails is a failure of its node: %s", async (onError, expected) => {
    const document = documentOf({ start: {}, ask: { ...ask("helper"), onError } }, ["start>ask"]);
    const x: Script = () => {
      throw new HeddleError("http_failed", "Away.");
    };
    expect((await runScripted(document, { x }, { agents: agentsOf({ helper }) })).outcome).toMatchObject(expected);
  });

  test("that stops itself stops itself only", async () => {
    const document = documentOf({ start: {}, ask: { ...ask("helper"), onError: "continue" } }, ["start>ask"]);
    const x: Script = () => {
      throw new HeddleError("run_stopped", "Enough.");
    };
    expect((await runScripted(document, { x }, { agents: agentsOf({ helper }) })).outcome).toMatchObject({
      status: "completed",
      output: { error: { code: "run_stopped" } },
    });
  });

  test.each([
    ["is not there", agentsOf({}), "not_found"],
    ["can't be run here", undefined, "not_configured"],
  ])("that %s fails its node", async (_name, agents, code) => {
    const { outcome } = await runScripted(caller, {}, agents === undefined ? {} : { agents });
    expect(outcome).toMatchObject({ status: "failed", error: { code, nodeId: "ask" } });
  });

  test("calls itself five deep and no deeper", async () => {
    const document = documentOf({ start: {}, ask: ask("self") }, ["start>ask"]);
    const { outcome, journal } = await runScripted(document, {}, { agents: agentsOf({ self: document }) });
    expect(outcome).toMatchObject({ status: "failed", error: { code: "depth_limit" } });
    expect(journal.appended.filter(({ key }) => key.endsWith("start#"))).toHaveLength(6);
  });

  test("uses the limits of the run", async () => {
    const { outcome } = await runScripted(caller, {}, { agents: agentsOf({ helper }), limits: { maxSteps: 4 } });
    expect(outcome).toMatchObject({ status: "failed", error: { code: "step_limit" } });
  });

  test("is given up with its steps when the run is cancelled", async () => {
    const aborted: string[] = [];
    const x: Script = ({ signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => {
          aborted.push("x");
          reject(signal.reason);
        });
      });
    const run = startScriptedRun(caller, { x }, { agents: agentsOf({ helper }) });
    await settle();
    run.cancel();
    expect(await run.outcome).toMatchObject({ status: "cancelled" });
    expect(aborted).toEqual(["x"]);
  });

  test("is back where it was before anything else runs", async () => {
    const document = documentOf({ start: {}, ask: ask("helper"), slow: {}, first: { type: "merge", params: { mode: "first" } } }, [
      "start>ask",
      "start>slow",
      "ask>first",
      "slow>first",
    ]);
    let started = 0;
    const slow: Script = () => {
      started += 1;
      return new Promise(() => {});
    };
    const options = { input: "hi", agents: agentsOf({ helper }) };
    const whole = await runScripted(document, { slow }, options);
    expect([whole.outcome, started]).toMatchObject([{ output: "hi!1" }, 1]);
    // All of its steps are recorded, but not that it has ended. The other branch has lost already.
    const recorded = whole.journal.appended.slice(0, 5);
    expect(recorded.at(-1)?.key).toBe("ask#/agent/y#");
    const resumed = await runScripted(document, { slow }, { ...options, recorded });
    expect([resumed.outcome, started]).toMatchObject([{ output: "hi!1" }, 1]);
  });
});

describe("an agent as a tool", () => {
  const document = documentOf({ start: {}, a: {}, t: { type: "sub-agent", params: { agentId: "helper" } } }, ["start>a", "t~a.tools"]);
  const a: Script = async ({ attachments }) => ({ output: (await attachments.tools?.[0]?.tool?.call({ q: 1 }, "0")) as unknown as Json });

  test("gets the arguments as its input, and answers with its output", async () => {
    const { outcome, journal } = await runScripted(
      document,
      { a, x: ({ input }) => ({ output: input }) },
      { agents: agentsOf({ helper }) },
    );
    expect(outcome).toMatchObject({ output: { output: { q: 1 } } });
    expect(journal.appended.map((step) => step.key)).toContain("a#/tool:0:t/agent/x#");
  });

  test("that fails gives the model an error to read", async () => {
    const x: Script = () => {
      throw new HeddleError("http_failed", "Away.");
    };
    expect((await runScripted(document, { a, x }, { agents: agentsOf({ helper }) })).outcome).toMatchObject({
      output: { error: { code: "http_failed" } },
    });
  });

  test("does nothing again when the step that called it is tried again", async () => {
    let tries = 0;
    const calls: string[] = [];
    const flaky: Script = async (context) => {
      const result = await a(context);
      tries += 1;
      if (tries === 1) throw new HeddleError("http_failed", "Away.");
      return result;
    };
    const x: Script = ({ idempotencyKey }) => {
      calls.push(idempotencyKey);
      return { output: "x" };
    };
    const withRetry: AgentDocument = {
      ...document,
      nodes: document.nodes.map((node) =>
        node.id === "a" ? { ...node, retry: { maxAttempts: 2, initialDelayMs: 0, factor: 1, maxDelayMs: 0 } } : node,
      ),
    };
    const run = startScriptedRun(withRetry, { a: flaky, x }, { agents: agentsOf({ helper }) });
    await run.clock.advance(1);
    expect(await run.outcome).toMatchObject({ status: "completed", output: { output: "x" } });
    expect(calls).toEqual(["execution:a#/tool:0:t/agent/x#"]);
  });

  test("that waits rests the time limit of the step that called it", async () => {
    const waits: Script = async (context) => {
      await context.wait({ kind: "approval", title: "May it?" });
      return { output: "approved" };
    };
    const slow: Script = () => new Promise(() => {});
    const both = documentOf(
      { start: {}, a: { timeoutMs: 1_000 }, t: { type: "sub-agent", params: { agentId: "helper" } }, slow: { timeoutMs: 3_000_000 } },
      ["start>a", "start>slow", "t~a.tools"],
    );
    const run = startScriptedRun(both, { a, x: waits, slow }, { agents: agentsOf({ helper }) });
    await run.clock.advance(10_000);
    expect(run.events.filter(({ type }) => type === "step.failed")).toEqual([]);
    run.cancel();
    await run.outcome;
  });
});
