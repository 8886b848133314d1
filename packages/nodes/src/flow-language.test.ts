import type { StepServices } from "@heddle/node-kit";
import { compileAgent, MemoryJournal, runAgent, systemClock, type RunOptions } from "@heddle/runtime";
import { agentDocument, type AgentDocumentInput, type Json, type StepRecord } from "@heddle/schema";
import { describe, expect, test } from "vitest";
import { definitions } from "./definitions.ts";
import { handlers } from "./handlers.ts";

type Node = AgentDocumentInput["nodes"][number];

/** A document of real nodes in short: edges are `a>b` or `a.port>b`, `tool~node` for a tool. */
function compiled(nodes: (Omit<Node, "name"> & { name?: string })[], edges: string[], rest: Partial<AgentDocumentInput> = {}) {
  const document = agentDocument.parse({
    ...rest,
    nodes: [{ id: "start", type: "api-trigger" }, ...nodes].map((node) => ({ name: node.id, ...node })),
    edges: edges.map((id) => {
      const [source = "", target = ""] = id.split(/[>~]/);
      const [node, port = "out"] = source.split(".");
      const isTool = id.includes("~");
      return { id, kind: isTool ? "attachment" : "flow", source: { node, port }, target: { node: target, port: isTool ? "tools" : "in" } };
    }),
  });
  return compileAgent(document, definitions);
}

const text = (id: string, template: string, parent?: string) => ({
  id,
  type: "format",
  params: { mode: "text", text: template },
  ...(parent === undefined ? {} : { parent }),
});

async function run(agent: ReturnType<typeof compiled>, input: Json, options: Partial<RunOptions> & { recorded?: StepRecord[] } = {}) {
  const { recorded, ...rest } = options;
  const journal = new MemoryJournal(recorded);
  const outcome = await runAgent(agent, {
    input,
    run: { executionId: "e", agentId: "a", workspaceId: "w", startedAt: systemClock.now(), isDeployed: true },
    services: {} as StepServices,
    handlers,
    journal,
    clock: systemClock,
    random: () => 0,
    signal: new AbortController().signal,
    ...rest,
  });
  return { outcome, steps: journal.steps };
}

describe("the flow language with the real nodes", () => {
  test("loops, maps, state and per-item nodes, inside one another", async () => {
    const agent = compiled(
      [
        { id: "loop", type: "loop", params: { mode: "forEach", items: "{{ input.orders }}" } },
        { id: "map", type: "map", params: { items: "{{ item.lines }}", concurrency: 2 }, parent: "loop" },
        text("line", "{{ loop.item.id }}:{{ item }}", "map"),
        { id: "count", type: "set-state", params: { updates: [{ name: "lines", value: "{{ 1 }}" }] }, parent: "map" },
        {
          ...text("shout", "{{ item }}! {{ state.lines }}"),
          each: { items: "{{ loop.output.items.map(round => round.items[0] ?? 'none') }}" },
        },
      ],
      ["start>loop", "line>count", "loop>shout"],
      { state: [{ name: "lines", initial: 0, reducer: "add" }] },
    );
    const { outcome } = await run(agent, {
      orders: [
        { id: "a", lines: [1, 2] },
        { id: "b", lines: [] },
        { id: "c", lines: [3] },
      ],
    });
    expect(outcome).toMatchObject({ status: "completed" });
    expect((outcome as { output: string[] }).output).toHaveLength(3);
    expect((outcome as { output: string[] }).output.every((line) => line.endsWith("! 3"))).toBe(true);
  });

  test("a while loop and a go-to end by what they find", async () => {
    const agent = compiled(
      [
        { id: "loop", type: "loop", params: { mode: "while", condition: "{{ index < 3 }}", collect: true } },
        text("round", "{{ loop.previous ?? 'begin' }} {{ index }}", "loop"),
        text("draft", "draft"),
        { id: "back", type: "goto", params: { target: "draft", maxJumps: 2 } },
        text("end", "{{ loop.output.items[2] }}"),
      ],
      ["start>loop", "loop>draft", "draft>back", "back.exhausted>end"],
    );
    const { outcome, steps } = await run(agent, {});
    expect(outcome).toMatchObject({ status: "completed", output: "begin 0 1 2" });
    expect(steps.filter(({ nodeId }) => nodeId === "draft").map(({ key }) => key)).toEqual(["draft#", "draft#~2", "draft#~3"]);
  });

  test("the first two of three branches", async () => {
    const agent = compiled(
      [
        text("a", "a"),
        text("b", "b"),
        text("c", "c"),
        { id: "two", type: "merge", params: { mode: "firstN", n: 2 } },
        text("end", "{{ json(two.output) }}"),
      ],
      ["start>a", "start>b", "start>c", "a>two", "b>two", "c>two", "two>end"],
    );
    const { outcome } = await run(agent, {});
    expect(outcome).toMatchObject({ status: "completed" });
    const { output } = outcome as { output: string };
    expect([output.includes('"a"'), output.includes('"b"'), output.includes('"c"')]).toEqual([true, true, false]);
  });

  test("an approval puts the run away, and the decision takes its port", async () => {
    const agent = compiled(
      [
        { id: "ask", type: "wait", params: { kind: "approval", title: "Refund {{ input.amount }}?" } },
        text("yes", "paid by {{ ask.output.by }}"),
        text("no", "kept"),
      ],
      ["start>ask", "ask.approved>yes", "ask.rejected>no"],
    );
    const first = await run(agent, { amount: 5 });
    expect(first.outcome).toMatchObject({ status: "waiting", waits: [{ key: "ask#", kind: "approval", title: "Refund 5?" }] });
    const resolutions = { "ask#": { outcome: "approved", at: 1, values: {}, by: "Ada" } } as const;
    expect((await run(agent, { amount: 5 }, { recorded: first.steps, resolutions })).outcome).toMatchObject({ output: "paid by Ada" });
  });

  test("a wait for a moment is waited out in the process", async () => {
    const agent = compiled(
      [{ id: "pause", type: "wait", params: { kind: "duration", duration: 0.01, unit: "seconds" } }, text("end", "done")],
      ["start>pause", "pause>end"],
    );
    expect((await run(agent, {})).outcome).toMatchObject({ status: "completed", output: "done" });
  });

  test("another agent runs inside, and a stop in it is a failure of its node", async () => {
    const helper = compiled(
      [
        { id: "choose", type: "condition", params: { branches: [{ id: "bad", when: "{{ input.q == 'bad' }}" }] } },
        { id: "stop", type: "stop", params: { code: "no_good", message: "Not {{ input.q }}." } },
        text("answer", "answer to {{ input.q }}"),
      ],
      ["start>choose", "choose.bad>stop", "choose.else>answer"],
    );
    const agents = { load: async () => ({ agent: helper, version: 3 }) };
    const caller = compiled(
      [
        {
          id: "ask",
          type: "sub-agent",
          params: { agentId: "01890a5d-ac96-774b-bcce-b302099a8057", input: { q: "{{ input.q }}" } },
          onError: "branch",
        },
        text("ok", "{{ ask.output }}"),
        text("bad", "{{ ask.error.code }}"),
      ],
      ["start>ask", "ask>ok", "ask.error>bad"],
    );
    expect((await run(caller, { q: "life" }, { agents })).outcome).toMatchObject({ output: "answer to life" });
    expect((await run(caller, { q: "bad" }, { agents })).outcome).toMatchObject({ status: "completed", output: "run_stopped" });
  });
});
