import type { AgentDocumentInput, Json } from "@heddle/schema";

type NodeInput = AgentDocumentInput["nodes"][number];

/** One of the agents under load. */
export interface ChaosFlow {
  name: string;
  document: AgentDocumentInput;
  /** What a run that ends well answers. */
  output?: (token: string) => Json;
  /** How its runs end when nothing disturbs them. */
  ends: "completed" | "failed" | "waiting";
  /** Steps of each run that do something in the outside world. */
  effects: string[];
  /** How much of the load it is. */
  weight: number;
  /** A run that fails for a passing reason is tried again only where nobody waits for it. */
  isAsyncOnly?: boolean;
}

/** Retries within a run, so that those who wait for it also get an answer. */
const PATIENT = { maxAttempts: 5, initialDelayMs: 100, factor: 2, maxDelayMs: 1_000 };

function node(id: string, type: string, params: NonNullable<NodeInput["params"]> = {}, rest: Partial<NodeInput> = {}): NodeInput {
  return { id, type, name: id, params, ...rest };
}

const start = node("start", "api-trigger");
const reply = (json: Json) => node("reply", "reply", { mode: "json", json });

function chain(...nodes: NodeInput[]): AgentDocumentInput {
  const flow = [start, ...nodes].filter(({ parent }) => parent === undefined);
  const edges = flow.slice(1).map(({ id }, index) => ({ id: `e${index}`, source: { node: flow[index]?.id ?? "" }, target: { node: id } }));
  return { nodes: [start, ...nodes], edges };
}

/** The mixture that the load is made of. */
export function chaosFlows(world: string, connection: string): ChaosFlow[] {
  const effect = (id: string, label: string, rest: Partial<NodeInput> = {}) =>
    node(
      id,
      "http-request",
      { method: "POST", url: `${world}/effect`, bodyKind: "json", json: { effect: `{{ input.token }}/${label}` }, timeoutMs: 10_000 },
      rest,
    );
  return [
    {
      name: "pure",
      weight: 5,
      ends: "completed",
      effects: [],
      document: chain(node("text", "format", { mode: "text", text: "Hi {{ input.token }}" }), reply({ text: "{{ text.output }}" })),
      output: (token) => ({ text: `Hi ${token}` }),
    },
    {
      name: "effects",
      weight: 5,
      ends: "completed",
      effects: ["one", "two"],
      document: chain(
        effect("one", "one", { retry: PATIENT }),
        effect("two", "two", { retry: PATIENT }),
        reply({ two: "{{ two.output.body.done }}" }),
      ),
      output: (token) => ({ two: `${token}/two` }),
    },
    {
      name: "tried-again",
      weight: 3,
      ends: "completed",
      effects: ["one", "two"],
      isAsyncOnly: true,
      document: chain(effect("one", "one"), effect("two", "two"), reply({ one: "{{ one.output.body.done }}" })),
      output: (token) => ({ one: `${token}/one` }),
    },
    {
      name: "model",
      weight: 4,
      ends: "completed",
      effects: ["after"],
      document: chain(
        node("llm", "llm", { connection, model: "slow", prompt: "{{ input.token }}" }, { retry: PATIENT }),
        effect("after", "after", { retry: PATIENT }),
        reply({ said: "{{ llm.output.text }}" }),
      ),
      output: (token) => ({ said: `said ${token}` }),
    },
    {
      name: "loop",
      weight: 3,
      ends: "completed",
      effects: ["0", "1", "2"],
      document: chain(
        node("loop", "loop", { mode: "forEach", items: "{{ [0, 1, 2] }}" }),
        effect("each", "{{ item }}", { parent: "loop", retry: PATIENT }),
        reply({ count: "{{ loop.output.count }}" }),
      ),
      output: () => ({ count: 3 }),
    },
    {
      name: "map",
      weight: 3,
      ends: "completed",
      effects: ["a", "b", "c", "d"],
      document: chain(
        node("map", "map", { items: "{{ ['a', 'b', 'c', 'd'] }}", concurrency: 2 }),
        effect("each", "{{ item }}", { parent: "map", retry: PATIENT }),
        reply({ count: "{{ map.output.count }}" }),
      ),
      output: () => ({ count: 4 }),
    },
    {
      name: "wait",
      weight: 2,
      ends: "completed",
      effects: ["before", "after"],
      isAsyncOnly: true,
      document: chain(
        effect("before", "before", { retry: PATIENT }),
        node("wait", "wait", { kind: "duration", duration: 3, unit: "seconds" }),
        effect("after", "after", { retry: PATIENT }),
        reply({ after: "{{ after.output.body.done }}" }),
      ),
      output: (token) => ({ after: `${token}/after` }),
    },
    {
      name: "approval",
      weight: 1,
      ends: "waiting",
      effects: ["before"],
      isAsyncOnly: true,
      document: chain(effect("before", "before", { retry: PATIENT }), node("ask", "wait", { kind: "approval", title: "May it?" })),
    },
    {
      name: "refused",
      weight: 1,
      ends: "failed",
      effects: [],
      document: chain(node("ask", "http-request", { method: "POST", url: `${world}/refuse`, bodyKind: "json", json: {} })),
    },
  ];
}

export const TICK_EVERY_MS = 5_000;

/** An agent that the clock starts. */
export const everyFewSeconds: AgentDocumentInput = {
  nodes: [
    node("tick", "schedule-trigger", { cron: "*/5 * * * * *" }),
    node("reply", "reply", { mode: "json", json: { at: "{{ input.scheduledAt }}" } }),
  ],
  edges: [{ id: "e", source: { node: "tick" }, target: { node: "reply" } }],
};
