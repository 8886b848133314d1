import { HeddleError } from "@heddle/schema";
import { afterEach, describe, expect, it, vi } from "vitest";
import { EventStream } from "./event-stream.ts";

const message = (id: number, data: unknown = {}) => ({ id, type: "agent.execution.progress", data });

afterEach(() => vi.useRealTimers());

describe("EventStream", () => {
  it("sends events with their ids, through proxies too, and ends", async () => {
    const stream = new EventStream();
    let isOpen = true;
    stream.onClose(() => (isOpen = false));
    stream.send(message(1, { executionId: "run" }));
    stream.end();
    const response = stream.response({ "x-execution-id": "run" });
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "content-type": "text/event-stream",
      "cache-control": "no-cache, no-transform",
      "x-accel-buffering": "no",
      "x-execution-id": "run",
    });
    expect(await response.text()).toBe('retry: 1000\n\nid: 1\nevent: agent.execution.progress\ndata: {"executionId":"run"}\n\n');
    expect(isOpen).toBe(false);
  });

  it("says at its end why coming again would not help, and nothing where it would", async () => {
    const [refused, broken] = [new EventStream(), new EventStream()];
    refused.end(new HeddleError("not_found", "There is no such execution."));
    broken.end(new HeddleError("unavailable", "The database is away."));
    expect(await refused.response().text()).toContain('event: problem\ndata: {"type":"/docs/errors#not_found"');
    expect(await broken.response().text()).toBe("retry: 1000\n\n");
  });

  it("is over when the reader leaves", async () => {
    const stream = new EventStream();
    let isOpen = true;
    stream.onClose(() => (isOpen = false));
    await stream.response().body?.cancel();
    expect(isOpen).toBe(false);
    expect(stream.send(message(1))).toBe(false);
  });

  it("waits for a slow reader and goes on", async () => {
    const stream = new EventStream();
    const reader = stream.response().body?.getReader();
    await reader?.read();
    expect(stream.send(message(1, "x".repeat(300_000)))).toBe(false);
    const ready = stream.ready();
    expect((await reader?.read())?.value?.length).toBeGreaterThan(300_000);
    await ready;
    expect(stream.send(message(2))).toBe(true);
  });

  it("cuts off a reader that takes nothing, and keeps no more for it", async () => {
    vi.useFakeTimers();
    const stream = new EventStream();
    const reader = stream.response().body?.getReader();
    expect(stream.send(message(1, "x".repeat(300_000)))).toBe(false);
    const stalled = expect(stream.ready()).rejects.toMatchObject({ code: "unavailable" });
    await vi.advanceTimersByTimeAsync(15_000);
    await stalled;
    await expect(reader?.read()).rejects.toMatchObject({ code: "unavailable" });
  });

  it("shows that it is there while nothing happens", async () => {
    vi.useFakeTimers();
    const stream = new EventStream();
    await vi.advanceTimersByTimeAsync(31_000);
    stream.end();
    expect(await stream.response().text()).toBe("retry: 1000\n\n: still here\n\n: still here\n\n");
  });
});
