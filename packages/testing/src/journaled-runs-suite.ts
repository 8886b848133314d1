import type { ExecutionJournal, JournaledWait, LeasedJournal, TakenRun } from "@heddle/runtime";
import {
  HeddleError,
  type Json,
  type PendingWait,
  type RunOutcome,
  type RunSuspension,
  type StepRecord,
  type WaitResolution,
} from "@heddle/schema";
import * as fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { JournalSetup } from "./journal-suite.ts";
import { agentsPlan } from "./runtime/random-agents.ts";
import { firstAnswer, ownRun, verdict, type World, worldOf } from "./runtime/random-world.ts";

/** Owners of one run, however long it is. */
const MOST_OWNERS = 30;
const SOON = { timeout: 15_000, interval: 10 };

/** Runs of random agents, taken over after every step through a journal: they end as if nobody had interrupted them. */
export function describeJournaledRuns(
  name: string,
  setUp: () => Promise<JournalSetup>,
  { runs, seed }: { runs: number; seed: number },
): void {
  let setup: JournalSetup;
  beforeAll(async () => {
    setup = await setUp();
  });
  afterAll(() => setup?.close());

  it(`runs that change owners after every step end through ${name} as uninterrupted ones do, and do nothing recorded again`, async () => {
    const seen = { owners: 0, suspensions: 0, rounds: 0, agents: 0 };
    await fc.assert(
      fc.asyncProperty(agentsPlan, fc.nat(), async (plan, worldSeed) => {
        const world = worldOf(plan, { seed: worldSeed, isJournalSlow: false });
        const whole = await live(world);
        const life = await liveThrough(setup, world, Math.ceil(whole.steps.length / MOST_OWNERS));
        expect(verdict(life.outcome)).toEqual(verdict(whole.outcome));
        expect(gistOf(life.steps)).toEqual(gistOf(whole.steps));
        // What was done under the key of a step that was recorded then was done once.
        expect(life.repeated).toEqual([]);
        seen.owners += life.owners;
        seen.suspensions += life.suspensions;
        seen.rounds += whole.steps.filter(({ key }) => /#\d/.test(key)).length;
        seen.agents += whole.steps.filter(({ key }) => key.includes("/agent/")).length;
      }),
      { numRuns: runs, seed },
    );
    for (const [what, count] of Object.entries(seen)) expect(count, what).toBeGreaterThan(0);
  }, 120_000);
}

/** The run of one owner that nothing disturbs but its waits. */
async function live(world: World): Promise<{ outcome: RunOutcome; steps: StepRecord[] }> {
  const steps: StepRecord[] = [];
  const resolutions: Record<string, WaitResolution> = {};
  for (;;) {
    const journal = { recorded: [...steps], append: (step: StepRecord) => void steps.push(structuredClone(step)) };
    const end = await ownRun(world, { journal, performed: [], resolutions });
    if (end.status !== "waiting") return { outcome: end, steps };
    const { key, resolution } = firstAnswer(world, end.waits);
    resolutions[key] = resolution;
  }
}

interface Life {
  outcome: RunOutcome;
  steps: StepRecord[];
  owners: number;
  suspensions: number;
  /** What was performed though the journal had it. */
  repeated: string[];
}

/** The same run through a journal, whose every owner vanishes or gives up after a number of steps. */
async function liveThrough(setup: JournalSetup, world: World, stepsEach: number): Promise<Life> {
  const { workspaceId, control } = setup;
  const executionId = setup.newId();
  const life: Omit<Life, "outcome" | "steps"> = { owners: 0, suspensions: 0, repeated: [] };
  const first = setup.open();
  await first.enqueue({
    id: executionId,
    workspaceId,
    agentId: setup.newId(),
    trigger: "api",
    input: "in",
    startedAt: new Date(setup.now()),
  });
  first.close();
  let previous: LeasedJournal | undefined;
  for (;;) {
    const owner = setup.open();
    try {
      const { run, recorded, resolutions } = await take(owner, executionId);
      await expect(previous?.finish(LATE) ?? Promise.reject(new HeddleError("internal", "None"))).rejects.toThrow();
      previous = run;
      life.owners += 1;
      const performed: string[] = [];
      const end = await ownFor(stepsEach, world, { run, recorded, resolutions, performed });
      const known = new Set(recorded.map(({ key }) => `e:${key}`));
      life.repeated.push(...performed.filter((name) => known.has(name)));
      if (end === undefined) {
        await (life.owners % 2 === 0 ? run.release() : run.flush());
      } else if (end.status === "waiting") {
        life.suspensions += 1;
        const { key, resolution } = firstAnswer(world, end.waits);
        const answer = { workspaceId, executionId, key, resolution: resolution as unknown as Json, resolvedBy: null };
        await run.suspend(end.waits.map(kept), end.wakeAt === undefined ? null : new Date(end.wakeAt));
        expect(await control.resolveWait(answer)).toBe(true);
      } else {
        await run.finish(end);
        const state = await control.stateOf(workspaceId, executionId);
        expect(state).toMatchObject({
          status: end.status.toUpperCase(),
          ...(end.status === "completed" ? { output: end.output } : { error: end.error }),
        });
        return { ...life, outcome: end, steps: await owner.loadSteps(workspaceId, executionId) };
      }
    } finally {
      owner.close();
    }
  }
}

const LATE: RunOutcome = { status: "completed", output: "late", usage: { inputTokens: 0, outputTokens: 0 }, steps: 0, durationMs: 0 };

async function take(owner: ExecutionJournal, executionId: string): Promise<TakenRun> {
  const found: TakenRun[] = [];
  await expect.poll(async () => {
    await owner.outlive();
    return found.push(...(await owner.claim(10)));
  }, SOON).toBe(1); // prettier-ignore
  const [taken] = found;
  expect(taken?.id).toBe(executionId);
  return taken as TakenRun;
}

/** @returns undefined where it was stopped after so many steps */
async function ownFor(
  stepsEach: number,
  world: World,
  { run, recorded, resolutions, performed }: Pick<TakenRun, "run" | "recorded" | "resolutions"> & { performed: string[] },
): Promise<RunOutcome | RunSuspension | undefined> {
  const stop = new AbortController();
  let left = stepsEach;
  const append = (step: StepRecord): void => {
    run.append(step);
    left -= 1;
    if (left === 0) stop.abort(new HeddleError("unavailable", "Its owner stops."));
  };
  const answers = Object.fromEntries(resolutions.map(({ key, resolution }) => [key, resolution as unknown as WaitResolution]));
  try {
    return await ownRun(world, { journal: { recorded, append }, performed, resolutions: answers, signal: stop.signal });
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    return undefined;
  }
}

function kept({ key, nodeId, kind, dueAt, ...request }: PendingWait): JournaledWait {
  return { key, nodeId, kind, dueAt: dueAt ?? null, request: request as unknown as Json };
}

/** What steps did, in the order of their outcomes. */
function gistOf(steps: readonly StepRecord[]) {
  return steps
    .filter(({ key }) => !key.endsWith("/agent"))
    .map(({ key, status, ports, ...step }) => ({ key, status, ports, output: step.output, state: step.state }))
    .toSorted((a, b) => (a.key < b.key ? -1 : 1));
}
