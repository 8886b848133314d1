import { HeddleError } from "@heddle/schema";
import { documentOf } from "@heddle/testing/runtime/scripted-nodes";
import { inShort, runScripted, settle, startScriptedRun } from "@heddle/testing/runtime/scripted-run";
import { describe, expect, test } from "vitest";

const chain = (a: object, extra: Record<string, object> = {}, edges: string[] = []) =>
  documentOf({ start: {}, a, b: {}, ...extra }, ["start>a", "a>b", ...edges]);
const unreachable = () => {
  throw new HeddleError("http_failed", "The server is away.", { hint: "Look whether it runs." });
};

describe("a node that fails", () => {
  test("ends the run by default, with its error and its place", async () => {
    const { outcome, events, journal } = await runScripted(chain({}), { a: unreachable });
    expect(outcome).toMatchObject({
      status: "failed",
      error: { code: "http_failed", message: "The server is away.", hint: "Look whether it runs.", nodeId: "a" },
      steps: 2,
    });
    expect(inShort(events).slice(2)).toEqual(["started a", "failed a", "run failed"]);
    expect(journal.appended.at(-1)).toMatchObject({ key: "a#", status: "failed", ports: [], attempts: 1 });
  });

  test("goes on with the error as its output under `continue`", async () => {
    const document = documentOf(
      { start: {}, a: { onError: "continue" }, b: { params: { value: "{{ a.output.error.code }} {{ a.error.code }}" } } },
      ["start>a", "a>b"],
    );
    const { outcome, journal } = await runScripted(document, { a: unreachable });
    expect(outcome).toMatchObject({ status: "completed", output: "http_failed http_failed" });
    expect(journal.appended[1]).toMatchObject({ status: "failed", ports: ["out"], output: { error: { code: "http_failed" } } });
  });

  test("leaves by the error port under `branch`, and by no other", async () => {
    const document = chain({ onError: "branch" }, { rescue: { params: { value: "{{ a.error.message }}" } } }, ["a.error>rescue"]);
    const { outcome, events } = await runScripted(document, { a: unreachable });
    expect(outcome).toMatchObject({ status: "completed", output: "The server is away." });
    expect(inShort(events)).toContain("skipped b");
  });

  test("prunes the error port when it succeeds", async () => {
    const document = chain({ onError: "branch" }, { rescue: {} }, ["a.error>rescue"]);
    const { events } = await runScripted(document);
    expect(inShort(events)).toContain("skipped rescue");
    expect(inShort(events)).toContain("completed b");
  });

  test("gives up what runs beside it", async () => {
    const document = documentOf({ start: {}, a: {}, b: {} }, ["start>b", "start>a"]);
    let signal: AbortSignal | undefined;
    const run = startScriptedRun(document, {
      a: unreachable,
      b: (context) => {
        signal = context.signal;
        return new Promise(() => {});
      },
    });
    expect(await run.outcome).toMatchObject({ status: "failed" });
    expect(signal?.aborted).toBe(true);
    expect(run.clock.sleeping).toBe(0);
  });

  test.for([
    [
      "throws",
      () => {
        throw new TypeError("secret 123");
      },
    ],
    ["rejects", () => Promise.reject(new TypeError("secret 123"))],
    ["rejects with nothing", () => Promise.reject(undefined)],
  ] as const)("a handler that %s something unknown gives `internal` and keeps its text inside", async ([, handler]) => {
    const { outcome, faults, events } = await runScripted(chain({}), { a: handler as never });
    expect(outcome).toMatchObject({ status: "failed", error: { code: "internal", nodeId: "a" } });
    expect(JSON.stringify([outcome, events])).not.toContain("secret");
    expect(faults).toHaveLength(1);
  });

  test("a watcher that throws changes nothing", async () => {
    const faults: unknown[] = [];
    const { outcome } = await runScripted(
      chain({}),
      {},
      {
        onEvent: () => {
          throw new Error("watcher");
        },
        onFault: (fault) => faults.push(fault),
      },
    );
    expect(outcome.status).toBe("completed");
    expect(faults.length).toBeGreaterThan(0);
  });
});

describe("params", () => {
  test("a param that comes out wrong names its field", async () => {
    const document = chain({ params: { count: "{{ input.count }}" } });
    expect((await runScripted(document, {}, { input: { count: "many" } })).outcome).toMatchObject({
      error: { code: "param_invalid", nodeId: "a", details: { field: "params.count" } },
    });
  });

  test("an expression that fails names its field", async () => {
    const document = chain({ params: { value: { deep: "{{ input.name.toFixed(2) }}" } } });
    expect((await runScripted(document, {}, { input: { name: "x" } })).outcome).toMatchObject({
      error: { code: "expression_failed", nodeId: "a", details: { field: "params.value.deep" } },
    });
  });

  test("an expression inside a described list names its place", async () => {
    const document = chain({ params: { rows: [{ name: "one", value: "{{ input.name.toFixed(2) }}" }] } });
    expect((await runScripted(document, {}, { input: { name: "x" } })).outcome).toMatchObject({
      error: { details: { field: "params.rows.0.value" } },
    });
  });

  test("a whole-value expression keeps its type, and what it gives is not evaluated again", async () => {
    const params: unknown[] = [];
    const document = chain({
      params: {
        count: "{{ input.count + 1 }}",
        value: "{{ input.text }}",
        literal: "{{ 7*7 }}",
        rows: [{ name: "{{ 1 }}", value: "{{ 2 }}" }],
      },
    });
    await runScripted(
      document,
      {
        a: (context) => {
          params.push(context.params);
          return { output: null };
        },
      },
      { input: { count: 1, text: "{{ 7*7 }}" } },
    );
    expect(params[0]).toMatchObject({ count: 2, value: "{{ 7*7 }}", literal: "{{ 7*7 }}", rows: [{ name: "{{ 1 }}", value: 2 }] });
  });

  test("expressions see input, variables and run", async () => {
    const document = documentOf(
      {
        start: {},
        a: { params: { value: ["{{ input }}", "{{ variables.greeting }}", "{{ run.id }}", "{{ run.conversationId }}"] } },
      },
      ["start>a"],
      { variables: [{ name: "greeting", value: "Hello" }] },
    );
    expect((await runScripted(document, {}, { input: 7 })).outcome).toMatchObject({ output: [7, "Hello", "execution", null] });
  });
});

describe("what a handler gets", () => {
  test("arrivals by port, the idempotency key and the run's facts", async () => {
    const seen: unknown[] = [];
    const document = documentOf({ start: {}, a: {}, b: {}, c: { params: { inputs: ["left", "right"] } } }, [
      "start>a",
      "start>b",
      "a>c.left",
      "b>c.right",
    ]);
    await runScripted(
      document,
      {
        a: () => ({ output: 1 }),
        b: () => ({ output: 2 }),
        c: ({ arrivals, idempotencyKey, run, input }) => {
          seen.push({ ...arrivals }, idempotencyKey, run.workspaceId, input);
          return { output: null };
        },
      },
      { input: "in" },
    );
    expect(seen).toEqual([
      { left: [{ nodeId: "a", port: "out", value: 1 }], right: [{ nodeId: "b", port: "out", value: 2 }] },
      "execution:c#",
      "workspace",
      "in",
    ]);
  });

  test("streamed text is told until the step ends, and not after", async () => {
    let stream = (_text: string) => {};
    const run = startScriptedRun(chain({}), {
      a: async (context) => {
        stream = context.stream;
        stream("Hel");
        await settle();
        stream("lo");
        return { output: "Hello" };
      },
    });
    await run.outcome;
    stream("too late");
    expect(inShort(run.events).filter((event) => event.startsWith("a:"))).toEqual(["a: Hel", "a: lo"]);
  });

  test("an output that JSON would change is passed on as JSON has it", async () => {
    const document = documentOf({ start: {}, a: {} }, ["start>a"]);
    const { outcome } = await runScripted(document, {
      a: () => ({ output: { kept: 1, left: undefined, not: Number.NaN, when: new Date(0) } as never }),
    });
    expect(outcome).toMatchObject({ output: { kept: 1, not: null, when: "1970-01-01T00:00:00.000Z" } });
    expect(Object.keys((outcome as { output: object }).output)).not.toContain("left");
  });

  test("an output past the limit fails its node with value_too_large", async () => {
    const output = "x".repeat(98);
    const document = chain({ onError: "continue" });
    const at = (maxValueBytes: number) => runScripted(document, { a: () => ({ output }) }, { limits: { maxValueBytes } });
    expect((await at(100)).journal.appended[1]).toMatchObject({ status: "completed" });
    expect((await at(99)).journal.appended[1]).toMatchObject({ status: "failed", error: { code: "value_too_large" } });
  });
});
