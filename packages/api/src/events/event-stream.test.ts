import { describe, expect, it } from "vitest";
import { eventStream } from "./event-stream.ts";
import type { ExecutionMessage } from "./execution-message.ts";

const started: ExecutionMessage = { id: 1, type: "agent.execution.started", data: { executionId: "run" } };
const completed: ExecutionMessage = { id: 2, type: "agent.execution.completed", data: { executionId: "run" } };

describe("eventStream", () => {
  it("sends numbered events and ends after the last", async () => {
    let isWatched = true;
    const response = eventStream((listener) => {
      listener(started);
      setTimeout(() => listener(completed), 1);
      return () => (isWatched = false);
    });
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    expect(await response.text()).toBe(
      'id: 1\nevent: agent.execution.started\ndata: {"executionId":"run"}\n\nid: 2\nevent: agent.execution.completed\ndata: {"executionId":"run"}\n\n',
    );
    expect(isWatched).toBe(false);
  });

  it("ends at once for a run that is over", async () => {
    const response = eventStream((listener) => {
      listener(started);
      listener(completed);
      return () => {};
    });
    expect(await response.text()).toContain("completed");
  });

  it("stops watching when the reader leaves", async () => {
    let isWatched = true;
    const response = eventStream((listener) => {
      listener(started);
      return () => (isWatched = false);
    });
    await response.body?.cancel();
    expect(isWatched).toBe(false);
  });
});
