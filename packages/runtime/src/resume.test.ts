import type { RunOutcome, StepRecord, WaitResolution } from "@heddle/schema";
import { agentsPlan } from "@heddle/testing/runtime/random-agents";
import { firstAnswer, ownRun, verdict, type World, worldOf } from "@heddle/testing/runtime/random-world";
import * as fc from "fast-check";
import { expect, test } from "vitest";

/** One owner of the run after another, until it has an outcome. */
interface Life {
  outcome: RunOutcome;
  journal: StepRecord[];
  /** Everything that handlers did, by name, so that doing it twice shows. */
  performed: string[];
  /** How often the run was put away to wait. */
  suspensions: number;
}

async function live(world: World, recorded: StepRecord[]): Promise<Life> {
  const life: Omit<Life, "outcome"> = { journal: [...recorded], performed: [], suspensions: 0 };
  const resolutions: Record<string, WaitResolution> = {};
  for (;;) {
    const journal = {
      recorded: [...life.journal],
      append: (step: StepRecord) => {
        life.journal.push(structuredClone(step));
        return world.isJournalSlow ? Promise.resolve() : undefined;
      },
    };
    const end = await ownRun(world, { journal, performed: life.performed, resolutions });
    if (end.status !== "waiting") return { ...life, outcome: end };
    life.suspensions += 1;
    const { key, resolution } = firstAnswer(world, end.waits);
    resolutions[key] = resolution;
  }
}

const gist = ({ key, status, ports, ...step }: StepRecord) => ({
  key,
  status,
  ports,
  output: step.output,
  state: step.state,
  error: "error" in step ? step.error : undefined,
});
/** Beginnings of a journal: all of a short one, twelve of a long one. */
function lengths(total: number, chance: () => number): number[] {
  if (total <= 12) return Array.from({ length: total + 1 }, (_, length) => length);
  return Array.from({ length: 12 }, () => chance() % (total + 1));
}

test("a run resumed from any part of its journal ends as the uninterrupted one does, and does nothing recorded again", async () => {
  const seen = { suspensions: 0, rounds: 0, jumps: 0, agents: 0, longest: 0 };
  await fc.assert(
    fc.asyncProperty(
      agentsPlan,
      fc.nat(),
      fc.boolean(),
      fc.infiniteStream(fc.nat(1_000_000)),
      async (plan, seed, isJournalSlow, stream) => {
        const chance = (): number => stream.next().value as number;
        const world = worldOf(plan, { seed, isJournalSlow });
        const whole = await live(world, []);
        const keys = whole.journal.map((step) => step.key);
        expect(new Set(keys).size, "a step was recorded twice").toBe(keys.length);
        seen.suspensions += whole.suspensions;
        seen.rounds += keys.filter((key) => /#\d/.test(key)).length;
        seen.jumps += keys.filter((key) => key.includes("~")).length;
        seen.agents += keys.filter((key) => key.includes("/agent/")).length;
        seen.longest = Math.max(seen.longest, keys.length);

        for (const length of lengths(whole.journal.length, chance)) {
          const recorded = whole.journal.slice(0, length);
          // The order in which a store gives the records back does not matter.
          const shuffled = recorded
            .map((step) => ({ step, at: chance() }))
            .toSorted((a, b) => a.at - b.at)
            .map(({ step }) => structuredClone(step));
          const resumed = await live(world, shuffled);
          const byKey = (a: { key: string }, b: { key: string }) => (a.key < b.key ? -1 : 1);
          expect(verdict(resumed.outcome)).toEqual(verdict(whole.outcome));
          // Whether an agent's version was noted before another branch gave the step up depends on how long loading takes.
          const isOutcome = ({ key }: { key: string }): boolean => !key.endsWith("/agent");
          const gists = [resumed.journal, whole.journal].map((journal) => journal.filter(isOutcome).map(gist).toSorted(byKey));
          // With a slow journal two steps may end at once: the one that the other's end gives up then has a record or not.
          const known = gists.map((all) => new Set(all.map(({ key }) => key)));
          const isShared = ({ key }: { key: string }): boolean => !isJournalSlow || known.every((some) => some.has(key));
          expect(gists[0]?.filter(isShared)).toEqual(gists[1]?.filter(isShared));
          const again = new Set(recorded.map((step) => `e:${step.key}`));
          expect(resumed.performed.filter((name) => again.has(name))).toEqual([]);
        }
      },
    ),
    { numRuns: 150 },
  );
  // A generator that makes none of them would show nothing.
  for (const [what, count] of Object.entries(seen)) expect(count, what).toBeGreaterThan(0);
}, 120_000);
