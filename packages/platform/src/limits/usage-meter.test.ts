import { describe, expect, it } from "vitest";
import type { MonthCaps } from "./plans.ts";
import { type MonthUse, UsageMeter } from "./usage-meter.ts";

const NOVEMBER = Date.UTC(2026, 10, 22, 12);
const caps = (some: Partial<MonthCaps>): MonthCaps => ({ executions: null, tokens: null, costUsd: null, ...some });

function meterOver(use: MonthUse) {
  const state = { now: NOVEMBER, reads: 0, seen: [] as MonthUse[] };
  const meter = new UsageMeter({
    read: async () => {
      state.reads++;
      await Promise.resolve();
      return { ...use };
    },
    onRead: (_, __, read) => state.seen.push(read),
    onFault: (fault) => {
      throw fault;
    },
    now: () => state.now,
  });
  const admit = async (given: MonthCaps) => {
    try {
      await meter.admit("w", given);
      return "in";
    } catch (error) {
      return (error as { code: string }).code;
    }
  };
  return { meter, state, admit };
}

describe("a workspace without caps", () => {
  it("is never read", async () => {
    const { meter, state } = meterOver({ executions: 1e9, unfinished: 0, tokens: 1e9, costUsd: 1e9 });
    expect(meter.admit("w", caps({}))).toBeUndefined();
    expect(state.reads).toBe(0);
  });
});

describe("a workspace with caps", () => {
  it("gets exactly what is left, with one reading for all of it, and then a clear refusal", async () => {
    const { meter, state, admit } = meterOver({ executions: 950, unfinished: 40, tokens: 0, costUsd: 0 });
    const answers = await Promise.all(Array.from({ length: 50 }, () => admit(caps({ executions: 1_000 }))));
    expect(answers.filter((answer) => answer === "in")).toHaveLength(10);
    expect(answers.filter((answer) => answer === "quota_exceeded")).toHaveLength(40);
    expect(state.reads).toBe(1);
    expect(() => meter.admit("w", caps({ executions: 1_000 }))).toThrowError(
      expect.objectContaining({
        code: "quota_exceeded",
        retryable: false,
        message: "This workspace has used its 1,000 executions of November 2026.",
        hint: expect.stringContaining("December 1 (UTC)") as string,
        details: { metric: "executions", used: 1_000, cap: 1_000, month: "2026-11", resetsAt: "2026-12-01T00:00:00.000Z" },
      }),
    );
  });

  it.each([
    ["tokens", { executions: 0, unfinished: 0, tokens: 500, costUsd: 0 }, caps({ tokens: 500 })],
    ["cost", { executions: 0, unfinished: 0, tokens: 0, costUsd: 5.01 }, caps({ costUsd: 5 })],
  ])("is refused once its %s are used up", async (_, use, given) => {
    const { admit } = meterOver(use);
    expect(await admit(given)).toBe("quota_exceeded");
  });

  it("asks only what has ended of a run that is in the queue already", async () => {
    const { meter, admit } = meterOver({ executions: 9, unfinished: 5, tokens: 0, costUsd: 0 });
    expect(await admit(caps({ executions: 10 }))).toBe("quota_exceeded");
    expect(meter.admit("w", caps({ executions: 10 }), true)).toBeUndefined();
    expect(() => meter.admit("w", caps({ executions: 9 }), true)).toThrow("has used its 9 executions");
  });

  it("goes on at once when the cap is raised, and anew in the next month", async () => {
    const use = { executions: 10, unfinished: 0, tokens: 0, costUsd: 0 };
    const { state, admit } = meterOver(use);
    expect(await admit(caps({ executions: 10 }))).toBe("quota_exceeded");
    expect(await admit(caps({ executions: 11 }))).toBe("in");
    expect(await admit(caps({ executions: 11 }))).toBe("quota_exceeded");
    use.executions = 0;
    state.now = Date.UTC(2026, 11, 1);
    expect(await admit(caps({ executions: 11 }))).toBe("in");
  });

  it("is read again after a few seconds, so that what other processes accepted counts", async () => {
    const use = { executions: 0, unfinished: 0, tokens: 0, costUsd: 0 };
    const { state, admit } = meterOver(use);
    const given = caps({ executions: 1_000 });
    expect(await admit(given)).toBe("in");
    use.executions = 1_000;
    expect(await admit(given)).toBe("in");
    state.now += 5_001;
    // This one is still let in, and makes the meter read.
    expect(await admit(given)).toBe("in");
    await expect.poll(() => state.reads).toBe(2);
    expect(await admit(given)).toBe("quota_exceeded");
  });
});
