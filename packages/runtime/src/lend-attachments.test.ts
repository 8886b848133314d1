import type { StepContext } from "@heddle/node-kit";
import { HeddleError } from "@heddle/schema";
import { documentOf, type Script } from "@heddle/testing/runtime/scripted-nodes";
import { inShort, runScripted, settle, startScriptedRun } from "@heddle/testing/runtime/scripted-run";
import { describe, expect, test } from "vitest";

const face = {
  name: "look_up",
  description: "Looks an order up.",
  parameters: { type: "object" as const, properties: { id: { type: "integer" as const }, note: {} }, required: ["id"] },
};
const withTool = (lookup: object = {}) =>
  documentOf({ start: {}, a: {}, lookup: { params: { value: "order {{ args.id }} for {{ input }}" }, tool: face, ...lookup } }, [
    "start>a",
    "lookup~a.tools",
  ]);

const tool = (context: StepContext) => {
  const found = context.attachments.tools?.[0]?.tool;
  if (found === undefined) throw new Error("no tool is attached");
  return found;
};
const callOnce: Script = async (context) => ({ output: (await tool(context).call({ id: 7 }, "0")) as never });

describe("a tool", () => {
  test("shows its face, and its name and summary where it has none", async () => {
    const seen: unknown[] = [];
    const document = documentOf({ start: {}, a: {}, one: { tool: face }, two: {} }, ["start>a", "one~a.tools", "two~a.tools"]);
    await runScripted(document, {
      a: (context) => {
        seen.push(
          ...(context.attachments.tools ?? []).map((lent) => ({
            nodeId: lent.nodeId,
            name: lent.tool?.name,
            description: lent.tool?.description,
          })),
        );
        return { output: null };
      },
    });
    expect(seen).toEqual([
      { nodeId: "one", name: "look_up", description: "Looks an order up." },
      { nodeId: "two", name: "two", description: "Made for tests" },
    ]);
  });

  test("is not run by the flow, but by its caller, as a journaled part of the step", async () => {
    const { outcome, events, journal } = await runScripted(withTool(), { a: callOnce }, { input: "Ada" });
    expect(outcome).toMatchObject({ output: { output: "order 7 for Ada" }, steps: 3 });
    expect(inShort(events).slice(2)).toEqual([
      "started a",
      "started a#/tool:0:lookup",
      "completed a#/tool:0:lookup",
      "completed a",
      "run completed",
    ]);
    expect(journal.appended.map((step) => [step.key, step.nodeId])).toEqual([
      ["start#", "start"],
      ["a#/tool:0:lookup", "lookup"],
      ["a#", "a"],
    ]);
  });

  test("gets its arguments as what arrived, and a key of its own for effects", async () => {
    const seen: unknown[] = [];
    await runScripted(withTool(), {
      a: callOnce,
      lookup: ({ arrivals, idempotencyKey }) => {
        seen.push(arrivals.in?.[0]?.value, idempotencyKey);
        return { output: 1 };
      },
    });
    expect(seen).toEqual([{ id: 7 }, "execution:a#/tool:0:lookup"]);
  });

  test.for([
    [{}, '"id" is missing'],
    [{ id: "7" }, '"id" must be of type integer'],
    ["7", "they must be an object"],
  ] as const)("answers arguments that do not fit with an error: %j", async ([args, message]) => {
    const { outcome, journal } = await runScripted(withTool(), {
      a: async (context) => ({ output: (await tool(context).call(args, "0")) as never }),
    });
    expect(outcome).toMatchObject({ output: { error: { code: "input_invalid", message: expect.stringContaining(message) } } });
    expect(journal.appended).toHaveLength(2);
  });

  test("that fails answers its error, whatever its own policy, and the caller goes on", async () => {
    const { outcome } = await runScripted(withTool({ onError: "continue" }), {
      a: callOnce,
      lookup: () => {
        throw new HeddleError("http_status", "404");
      },
    });
    expect(outcome).toMatchObject({ status: "completed", output: { error: { code: "http_status", nodeId: "lookup" } } });
  });

  test("whose params do not fit the arguments answers so", async () => {
    const { outcome } = await runScripted(withTool({ params: { count: "{{ args.note }}" } }), {
      a: async (context) => ({ output: (await tool(context).call({ id: 7, note: "x" }, "0")) as never }),
    });
    expect(outcome).toMatchObject({
      status: "completed",
      output: { error: { code: "param_invalid", details: { field: "params.count" } } },
    });
  });

  test("has its own time limit and retries", async () => {
    let tries = 0;
    const run = startScriptedRun(withTool({ timeoutMs: 1_000, retry: { maxAttempts: 2, initialDelayMs: 500 } }), {
      a: callOnce,
      lookup: () => {
        tries += 1;
        return tries === 1 ? new Promise(() => {}) : { output: "second try" };
      },
    });
    await run.clock.advance(1_500);
    expect(await run.outcome).toMatchObject({ output: { output: "second try" } });
  });

  test("counts towards the step limit", async () => {
    const { outcome } = await runScripted(withTool(), { a: callOnce }, { limits: { maxSteps: 2 } });
    expect(outcome).toMatchObject({ status: "failed", error: { code: "step_limit", nodeId: "lookup" } });
  });

  test("is given up with its caller, whose call then rejects", async () => {
    let rejection: unknown;
    let signal: AbortSignal | undefined;
    const run = startScriptedRun(withTool(), {
      a: async (context) => {
        await tool(context)
          .call({ id: 1 }, "0")
          .catch((error: unknown) => {
            rejection = error;
          });
        return { output: null };
      },
      lookup: (context) => {
        signal = context.signal;
        return new Promise(() => {});
      },
    });
    await settle();
    run.cancel();
    await run.outcome;
    await settle();
    expect(signal?.aborted).toBe(true);
    expect(rejection).toBeInstanceOf(HeddleError);
  });

  test("ends the run when it uses more tokens than there are", async () => {
    const { outcome, events } = await runScripted(
      withTool(),
      {
        a: callOnce,
        lookup: ({ recordModelCall }) => {
          recordModelCall({ provider: "p", model: "m", usage: { inputTokens: 9, outputTokens: 0 }, durationMs: 1 });
          return { output: null };
        },
      },
      { limits: { maxTokens: 8 } },
    );
    expect(outcome).toMatchObject({ status: "failed", error: { code: "token_limit", nodeId: "lookup" } });
    expect(inShort(events)).not.toContain("completed a");
  });

  test("that nobody waits for ends with its caller and harms nobody", async () => {
    const run = await runScripted(withTool(), {
      a: async (context) => {
        void tool(context).call({ id: 1 }, "0");
        void context.once("part", () => Promise.reject(new Error("unheeded")));
        return { output: "done" };
      },
      lookup: () => new Promise(() => {}),
    });
    await settle();
    expect(run.outcome).toMatchObject({ status: "completed", output: "done" });
  });

  test("is not run again when the caller is resumed", async () => {
    let ran = 0;
    const lookup: Script = () => ({ output: `run ${(ran += 1)}` });
    const first = await runScripted(withTool(), { a: callOnce, lookup });
    const resumed = await runScripted(withTool(), { a: callOnce, lookup }, { recorded: first.journal.appended.slice(0, 2) });
    expect(resumed.outcome).toMatchObject({ output: { output: "run 1" } });
    expect(ran).toBe(1);
  });

  test("may be called many times at once", async () => {
    const run = await runScripted(withTool({ params: {} }), {
      a: async (context) => ({ output: (await Promise.all([1, 2, 3].map((id) => tool(context).call({ id }, `0:${id}`)))) as never }),
      lookup: async ({ arrivals }) => ({ output: arrivals.in?.[0]?.value ?? null }),
    });
    expect(run.outcome).toMatchObject({ output: [{ output: { id: 1 } }, { output: { id: 2 } }, { output: { id: 3 } }] });
  });
});

describe("other attachments", () => {
  test("come with their evaluated params, by slot; disabled ones do not come", async () => {
    const seen: unknown[] = [];
    const document = documentOf({ start: {}, a: {}, memory: { params: { value: "{{ input }}" } }, off: { isDisabled: true } }, [
      "start>a",
      "memory~a.memory",
      "off~a.memory",
    ]);
    await runScripted(
      document,
      {
        a: (context) => {
          seen.push(context.attachments);
          return { output: null };
        },
      },
      { input: "Ada" },
    );
    expect(seen).toEqual([
      { tools: [], memory: [{ nodeId: "memory", type: "work", name: "memory", params: { ports: ["out"], value: "Ada" } }] },
    ]);
  });

  test("one whose params fail, fails its borrower", async () => {
    const document = documentOf({ start: {}, a: {}, memory: { params: { count: "{{ input }}" } } }, ["start>a", "memory~a.memory"]);
    const { outcome } = await runScripted(document, { a: (context) => ({ output: Object.keys(context.attachments) }) }, { input: "x" });
    expect(outcome).toMatchObject({ status: "failed", error: { code: "param_invalid" } });
  });
});
