import { expect, test } from "vitest";
import type { StreamEvent } from "./event-stream.ts";
import { executionStream } from "./execution-stream.ts";
import { ProblemError } from "./problem.ts";
import type { OpenedStream, RestOptions } from "./rest.ts";

const progress = (id: number): StreamEvent => ({
  id: String(id),
  event: "agent.execution.progress",
  data: JSON.stringify({ executionId: "run", at: id }),
});
const end: StreamEvent = { id: "9", event: "agent.execution.completed", data: JSON.stringify({ executionId: "run", at: 9 }) };

/** One connection: what comes over it, and whether it breaks with an error or just ends. */
interface Connection {
  events?: StreamEvent[];
  breaks?: Error;
  refused?: Error;
  status?: number;
}

async function read(connections: Connection[], signal = new AbortController().signal) {
  const opened: [string, string | undefined][] = [];
  const states: boolean[] = [];
  const executions: string[] = [];
  const heard: unknown[] = [];
  const open = async (path: string, { headers }: RestOptions): Promise<OpenedStream> => {
    opened.push([path, headers?.["last-event-id"]]);
    const connection = connections.shift();
    if (connection === undefined) throw new TypeError("Failed to fetch");
    if (connection.refused !== undefined) throw connection.refused;
    async function* events() {
      yield* connection?.events ?? [];
      if (connection?.breaks !== undefined) throw connection.breaks;
    }
    const isFirst = opened.length === 1;
    const response = new Response(null, { status: connection.status ?? 200, headers: isFirst ? { "x-execution-id": "run" } : {} });
    return { response, events: events() };
  };
  let error: unknown;
  try {
    const stream = executionStream({
      path: "/begin",
      body: {},
      signal,
      open,
      pause: async () => signal.throwIfAborted(),
      onExecution: (id) => executions.push(id),
      onReconnecting: (is) => states.push(is),
    });
    for await (const message of stream) heard.push((message as unknown as { at: number }).at);
  } catch (thrown) {
    error = thrown;
  }
  return { opened, states, executions, heard, error };
}

test("goes on after the last event where the connection breaks, ends early, or the server is away for a while", async () => {
  const { opened, states, executions, heard, error } = await read([
    { events: [progress(1), progress(2)], breaks: new TypeError("network error") },
    { refused: new TypeError("Failed to fetch") },
    { events: [progress(3)] },
    { events: [progress(4), end] },
  ]);
  expect(heard).toEqual([1, 2, 3, 4, 9]);
  expect(opened).toEqual([
    ["/begin", undefined],
    ["/api/executions/run/events", "2"],
    ["/api/executions/run/events", "2"],
    ["/api/executions/run/events", "3"],
  ]);
  expect(states).toEqual([false, true, true, false, true, false]);
  expect(executions).toEqual(["run"]);
  expect(error).toBeUndefined();
});

test("finds a run again of which no event came, by the head of the answer", async () => {
  const { opened, heard } = await read([{ breaks: new TypeError("network error") }, { events: [progress(1), end] }]);
  expect(opened[1]).toEqual(["/api/executions/run/events", undefined]);
  expect(heard).toEqual([1, 9]);
});

test("does not begin a run again that may have begun", async () => {
  const { opened, error } = await read([{ refused: new TypeError("Failed to fetch") }]);
  expect(opened).toHaveLength(1);
  expect(error).toBeInstanceOf(TypeError);
});

test("is over where everything was heard", async () => {
  expect(await read([{ events: [progress(1)] }, { status: 204 }])).toMatchObject({ heard: [1], error: undefined });
});

test("does not try again what is refused, at the beginning or in the middle", async () => {
  const problem = { type: "about:blank", title: "Sign in", status: 401, detail: "Sign in again.", code: "unauthenticated" };
  const refused = await read([{ events: [progress(1)] }, { refused: new ProblemError(problem) }]);
  expect([refused.opened.length, refused.error]).toEqual([2, expect.objectContaining({ problem })]);
  const cut = await read([{ events: [progress(1), { event: "problem", data: JSON.stringify(problem) }] }]);
  expect([cut.opened.length, cut.error]).toEqual([1, expect.objectContaining({ problem })]);
});

test("gives up where the server stays away", async () => {
  const { opened, error } = await read([{ events: [progress(1)] }]);
  expect(opened.length).toBeGreaterThan(20);
  expect(error).toBeInstanceOf(TypeError);
});

test("stops where it is told to", async () => {
  const controller = new AbortController();
  controller.abort(new Error("enough"));
  expect(await read([{ events: [progress(1)] }], controller.signal)).toMatchObject({ heard: [1], error: { message: "enough" } });
});
