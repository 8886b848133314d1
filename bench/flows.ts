import type { AgentDocumentInput } from "@heddle/schema";

/** A workload that both servers can do: the same input, and what the bare server is asked to do with it. */
export interface Flow {
  name: string;
  describe: string;
  barePath: string;
  /** Connections to measure it at, unless the command line says otherwise. */
  connections: readonly number[];
  /** Time that the model takes, ms: no server can be faster than its connections divided by it. */
  modelMs: number;
  /** Body for the bare server; Heddle gets it as `input`. */
  body: Record<string, string | number>;
  document: (connection: string) => AgentDocumentInput;
}

/** Flow A: format, condition, reply; no model. */
const flowA: Flow = {
  name: "A",
  describe: "format, condition, reply; no model",
  barePath: "/a",
  connections: [16, 64],
  modelMs: 0,
  body: { name: "Ada", n: 12 },
  document: () => ({
    nodes: [
      { id: "start", type: "api-trigger", name: "API call" },
      { id: "greeting", type: "format", name: "Greeting", params: { mode: "text", text: "Hi {{ input.name }}" } },
      { id: "size", type: "condition", name: "Size", params: { branches: [{ id: "big", name: "Big", when: "{{ input.n > 10 }}" }] } },
      { id: "big", type: "reply", name: "Big", params: { mode: "json", json: { branch: "big", name: "{{ greeting.output }}" } } },
      {
        id: "small",
        type: "reply",
        name: "Small",
        params: { mode: "json", json: { branch: "small", name: "{{ greeting.output }}" } },
      },
    ],
    edges: [
      { id: "1", source: { node: "start" }, target: { node: "greeting" } },
      { id: "2", source: { node: "greeting" }, target: { node: "size" } },
      { id: "3", source: { node: "size", port: "big" }, target: { node: "big" } },
      { id: "4", source: { node: "size", port: "else" }, target: { node: "small" } },
    ],
  }),
};

/** Flow B: one model call that the model answers at once. */
const flowB: Flow = {
  name: "B",
  describe: "one model call, answered at once",
  barePath: "/b",
  connections: [16, 64],
  modelMs: 0,
  body: { text: "hello" },
  document: (connection) => ({
    nodes: [
      { id: "start", type: "api-trigger", name: "API call" },
      { id: "answer", type: "llm", name: "Answer", params: { connection, model: "gpt-4o-mini", prompt: "{{ input.text }}" } },
      { id: "reply", type: "reply", name: "Reply", params: { mode: "json", json: { text: "{{ answer.output.text }}" } } },
    ],
    edges: [
      { id: "1", source: { node: "start" }, target: { node: "answer" } },
      { id: "2", source: { node: "answer" }, target: { node: "reply" } },
    ],
  }),
};

/** Flow C: flow B with a model that takes its time, so that many runs are under way at once. */
const flowC: Flow = { ...flowB, name: "C", describe: "one model call of 50 ms", barePath: "/c", connections: [256], modelMs: 50 };

export const flows: readonly Flow[] = [flowA, flowB, flowC];
