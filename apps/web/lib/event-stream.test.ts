import { expect, test } from "vitest";
import { parseEventStream, type StreamEvent } from "./event-stream.ts";

async function read(...chunks: string[]): Promise<StreamEvent[]> {
  async function* source() {
    yield* chunks;
  }
  const events: StreamEvent[] = [];
  for await (const event of parseEventStream(source())) events.push(event);
  return events;
}

test("reads events with their id, name and data", async () => {
  expect(await read('id: 1\nevent: started\ndata: {"a":1}\n\n', "data: plain\n\n")).toEqual([
    { id: "1", event: "started", data: '{"a":1}' },
    { id: "1", event: "message", data: "plain" },
  ]);
});

test("doesn't care where chunks break, nor how lines end", async () => {
  const whole = "event: a\r\ndata: one\r\ndata: two\r\n\r\ndata: three\n\n";
  const expected = [
    { event: "a", data: "one\ntwo" },
    { event: "message", data: "three" },
  ];
  for (let size = 1; size < 8; size += 1) {
    const chunks = whole.match(new RegExp(`[\\s\\S]{1,${size}}`, "g")) ?? [];
    expect(await read(...chunks), `chunks of ${size}`).toEqual(expected);
  }
});

test("skips comments, and events that have no data or no end", async () => {
  expect(await read(": ping\n\nevent: a\n\ndata: cut off")).toEqual([]);
});
