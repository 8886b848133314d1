import { describe, expect, test } from "vitest";
import { type Aftermath, checkInvariants } from "./check-invariants.ts";
import type { Told } from "./chaos-load.ts";
import type { OutcomeRow } from "./outcome-watch.ts";
import { planFaults, FAULT_KINDS } from "./fault-plan.ts";
import { SeededRandom } from "./seeded-random.ts";

const row = (id: string, rest: Partial<OutcomeRow> = {}): OutcomeRow => ({
  id, status: "COMPLETED", token: `pure-${id}`, trigger: "api", scheduledAt: null, output: `pure-${id}`, errorCode: null, isUntimed: true, isDead: false,
  fingerprint: "", ...rest,
}); // prettier-ignore
const told = (executionId: string, rest: Partial<Told> = {}): Told => ({
  token: `pure-${executionId}`, flow: "pure", executionId, how: "sync", status: "COMPLETED", output: `pure-${executionId}`, ...rest,
}); // prettier-ignore

interface Story {
  rows?: OutcomeRow[];
  heard?: Told[];
  counts?: Partial<ReturnType<Aftermath["world"]["counts"]>>;
  isDone?: boolean;
  rest?: Partial<Aftermath>;
}

function check({ rows = [row("1")], heard = [told("1")], counts = {}, isDone = true, rest = {} }: Story) {
  return checkInvariants({
    rows,
    changed: new Set(),
    repeatedSteps: [],
    load: { told: heard, sent: heard.length, refused: new Map(), broken: [] },
    world: {
      url: "",
      port: 0,
      done: () => isDone,
      counts: () => ({ effects: 0, repeated: 0, keysWithTwoBodies: [], effectsWithTwoKeys: [], withoutKey: 0, ...counts }),
      close: async () => undefined,
    },
    flows: [{ name: "pure", document: { nodes: [], edges: [] }, ends: "completed", effects: ["one"], weight: 1, output: (token) => token }],
    quiet: [new Date(0), new Date(0)],
    tickEveryMs: 5_000,
    ...rest,
  });
}

const tick = (id: string, at: number) => row(id, { trigger: "schedule", token: null, scheduledAt: new Date(at).toISOString() });

describe("checkInvariants", () => {
  test("finds nothing where every promise was kept", () => {
    const waiting = row("2", { status: "WAITING" });
    const dead = row("3", { status: "FAILED", isDead: true, output: null });
    expect(check({ rows: [row("1"), waiting, dead] })).toMatchObject({
      accepted: 3, finished: 1, waiting: 1, deadLettered: 1, lost: 0, doubleOutcomes: 0, duplicateEffects: 0, broken: [], otherwise: { "pure WAITING": 1, "pure FAILED": 1 },
    }); // prettier-ignore
  });

  test.for<[string, Story, Partial<ReturnType<typeof check>>]>([
    ["an accepted run that is not there", { rows: [] }, { lost: 1 }],
    ["a run that nobody finishes", { rows: [row("1", { status: "RUNNING" })], heard: [] }, { lost: 1 }],
    ["a run that waits for a time that has passed", { rows: [row("1", { status: "WAITING", isUntimed: false })], heard: [] }, { lost: 1 }],
    ["an outcome that changed", { rest: { changed: new Set(["1"]) } }, { doubleOutcomes: 1 }],
    ["another status than was told", { heard: [told("1", { status: "FAILED" })] }, { doubleOutcomes: 1 }],
    ["another output than was told", { heard: [told("1", { output: "else" })] }, { doubleOutcomes: 1 }],
    ["two runs for one request", { rows: [row("1"), row("2", { token: "pure-1", output: "pure-1" })] }, { doubleOutcomes: 1 }],
    ["two bodies under a key", { counts: { keysWithTwoBodies: ["k"] } }, { duplicateEffects: 1 }],
    ["two keys for an effect", { counts: { effectsWithTwoKeys: ["e"] } }, { duplicateEffects: 1 }],
    ["an effect without a key", { counts: { withoutKey: 1 } }, { duplicateEffects: 1 }],
    ["a recorded step that was done again", { rest: { repeatedSteps: ["1 one#"] } }, {}],
    ["a completed run without its effect", { isDone: false }, {}],
    ["a completed run with a wrong answer", { rows: [row("1", { output: "else" })], heard: [] }, {}],
    ["a tick that was fired twice", { rows: [tick("1", 5_000), tick("2", 5_000)], heard: [] }, {}],
    ["a tick beside the schedule", { rows: [tick("1", 5_001)], heard: [] }, {}],
    ["a tick that is missing", { rows: [tick("1", 5_000)], heard: [], rest: { quiet: [new Date(5_000), new Date(10_001)] } }, {}],
  ])("finds %s", ([, story, expected]) => {
    const verdict = check(story);
    expect(verdict).toMatchObject(expected);
    expect(verdict.broken.length).toBeGreaterThan(0);
  });
});

test("faults are the same for the same seed, and every kind comes before any comes again", () => {
  const plan = (seed: number) =>
    planFaults({ random: new SeededRandom(seed), kinds: FAULT_KINDS, leaseMs: 30_000, gapMs: [1_000, 6_000], count: 60 });
  expect(plan(1)).toEqual(plan(1));
  expect(plan(1)).not.toEqual(plan(2));
  expect(new Set(plan(3).slice(0, FAULT_KINDS.length).map(({ kind }) => kind)).size).toBe(FAULT_KINDS.length); // prettier-ignore
  for (const { kind, forMs } of plan(4)) if (kind === "stop-past-lease") expect(forMs).toBeGreaterThan(30_000);
});
