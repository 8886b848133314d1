import type { ErrorInfo, Json, ModelCall, StateUpdate, StepRecord } from "@heddle/schema";
import { array, assert, constant, constantFrom, jsonValue, property, record, tuple } from "fast-check";
import { describe, expect, expectTypeOf, it } from "vitest";
import { packTrace, unpackTrace } from "./packed-trace.ts";

type Completed = Extract<StepRecord, { status: "completed" }>;

/** A record like those that the runtime makes, in order, of a run that began a while ago. */
function step(order: number, changes: Partial<Completed> = {}): StepRecord {
  return {
    key: "big#",
    nodeId: "big",
    startedAt: 1_795_411_558_244.894 + order / 1_000,
    durationMs: 0.002,
    attempts: 1,
    status: "completed",
    output: { name: "Hi Ada" },
    ports: ["out"],
    order,
    ...changes,
  };
}
const kept = (steps: StepRecord[]): StepRecord[] => unpackTrace(JSON.parse(packTrace(steps) ?? "[]") as StepRecord[]);

describe("a packed trace", () => {
  it("takes less than half of the bytes of a short run's steps", () => {
    const steps = [0, 1, 2, 3].map((order) => step(order));
    expect(kept(steps)).toEqual(steps);
    expect(packTrace(steps)?.length).toBeLessThan(JSON.stringify(steps).length / 2);
  });

  it("keeps what only some steps have, be it nothing yet", () => {
    const steps = [step(0, { rounds: 0 }), step(1, { modelCalls: [] }), step(2, { isEnvelope: true, rounds: 0 }), step(3, { state: [] })];
    expect(kept(steps)).toEqual(steps);
  });

  it("is nothing where there are no steps", () => {
    expect(packTrace([])).toBeNull();
  });

  it("is read where it was kept before there was packing", () => {
    const steps = [step(0), step(1, { key: "small#", nodeId: "small" })];
    expect(unpackTrace(steps)).toBe(steps);
  });

  it("knows all that a record may hold", () => {
    // Whoever adds a field to records has to have it packed, too.
    type Known = "key" | "nodeId" | "order" | "startedAt" | "durationMs" | "attempts" | "status" | "output" | "ports";
    expectTypeOf<Exclude<keyof Completed, Known>>().toEqualTypeOf<"modelCalls" | "state" | "isEnvelope" | "rounds">();
  });

  it("loses nothing of any record", () => {
    const call = { provider: "openai", model: "gpt-4o-mini", usage: { inputTokens: 3, outputTokens: 4 }, durationMs: 12.5 };
    const more = record(
      {
        modelCalls: constant<ModelCall[]>([call]),
        state: constant<StateUpdate[]>([{ name: "count", value: 1 }]),
        isEnvelope: constant(true as const),
        rounds: constantFrom(0, 3),
        attempts: constantFrom(1, 1, 1, 2),
      },
      { requiredKeys: [] },
    );
    // Most are usual, or hardly a record would be packed.
    const times = constantFrom(
      { startedAt: 1_795_411_558_244.872, durationMs: 0.002 },
      { startedAt: 1_795_411_558_245, durationMs: 0 },
      { startedAt: 0, durationMs: 86_400_000.001 },
      { startedAt: 1_411_558_244.1234, durationMs: 1.5 },
      { startedAt: 1_795_411_558_244.25, durationMs: 0.1234 },
    );
    const name = constantFrom(
      { key: "a#", nodeId: "a" },
      { key: "a#3.0", nodeId: "a" },
      { key: "answer#/tool:0:lookup", nodeId: "answer" },
      { key: "ask#/agent/triage#", nodeId: "triage" },
    );
    const outcome = tuple(jsonValue() as ReturnType<typeof constant<Json>>, constantFrom<string[][]>(["out"], ["big"], [], ["a", "b"]));
    const failed = constantFrom<(ErrorInfo | null)[]>(null, null, null, null, { code: "internal", message: "It failed." });
    assert(
      property(array(tuple(name, times, more, outcome, failed, constantFrom(null, null, null, null, -1, 9))), (parts) => {
        const steps = parts.map(([named, timed, has, [output, ports], error, order], index): StepRecord => {
          const base = { attempts: 1, ...named, ...timed, ...has, ports };
          const placed = order === -1 ? base : { ...base, order: order ?? index };
          return error === null ? { ...placed, status: "completed", output } : { ...placed, status: "failed", error };
        });
        expect(kept(steps)).toEqual(JSON.parse(JSON.stringify(steps)));
      }),
    );
  });
});
