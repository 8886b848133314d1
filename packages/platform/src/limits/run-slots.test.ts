import { expect, it } from "vitest";
import { RunSlots } from "./run-slots.ts";
import type { WorkspaceLimits } from "./workspace-limits.ts";

function limitsOf(workspace: number | null, agents: Record<string, number> = {}): WorkspaceLimits {
  return {
    concurrency: workspace ?? 100,
    isConcurrencySet: workspace !== null,
    agents: new Map(Object.entries(agents).map(([id, concurrency]) => [id, { concurrency, ratePerMinute: null }])),
  } as unknown as WorkspaceLimits;
}

function slotsOver(others: Map<string, number>) {
  const state = { now: 0, reads: 0 };
  const slots = new RunSlots({
    readOthers: async () => {
      state.reads++;
      return new Map(others);
    },
    onFault: (fault) => {
      throw fault;
    },
    now: () => state.now,
  });
  const take = async (agent: string, limits: WorkspaceLimits) => {
    try {
      return await slots.take("w", agent, limits);
    } catch (error) {
      return error as { code: string; retryAfterMs: number };
    }
  };
  return { slots, state, take };
}

it("asks nobody and refuses nobody where no limit was chosen", () => {
  const { slots, state } = slotsOver(new Map());
  for (let index = 0; index < 500; index++) expect(slots.take("w", "a", limitsOf(null))).toBeUndefined();
  expect(state.reads).toBe(0);
});

it("refuses callers above the workspace's limit until a run has ended, and says when to try again", async () => {
  const { take } = slotsOver(new Map());
  const limits = limitsOf(2);
  const first = await take("a", limits);
  await take("a", limits);
  expect(await take("c", limits)).toMatchObject({ code: "rate_limited", retryAfterMs: 1_000, details: { concurrency: 2 } });
  (first as () => void)();
  // Whoever says it twice does not make room twice.
  (first as () => void)();
  expect(await take("c", limits)).toBeTypeOf("function");
  expect(await take("c", limits)).toMatchObject({ code: "rate_limited" });
});

it("holds an agent to its own limit, and others beside it to none", async () => {
  const { take } = slotsOver(new Map());
  const limits = limitsOf(null, { a: 1 });
  expect(await take("a", limits)).toBeTypeOf("function");
  expect(await take("a", limits)).toMatchObject({ code: "rate_limited" });
  expect(await take("b", limits)).toBeUndefined();
});

it("counts what others run, as of the last second", async () => {
  const others = new Map([["a", 3]]);
  const { state, take } = slotsOver(others);
  expect(await take("b", limitsOf(4))).toBeTypeOf("function");
  expect(await take("b", limitsOf(4))).toMatchObject({ code: "rate_limited" });
  others.clear();
  expect(await take("b", limitsOf(4))).toMatchObject({ code: "rate_limited" });
  state.now += 1_001;
  expect(await take("b", limitsOf(4))).toBeTypeOf("function");
  expect(state.reads).toBe(2);
});
