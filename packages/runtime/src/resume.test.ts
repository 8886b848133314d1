import type { StepContext, StepResult, StepServices } from "@heddle/node-kit";
import { HeddleError, type Json, type RunOutcome, type StepRecord, type WaitResolution } from "@heddle/schema";
import { agentsPlan, writeAgents, type NodePlan, type RandomAgents } from "@heddle/testing/runtime/random-agents";
import { nodeIdOf, scriptedHandlers, scriptedRegistry, type Script } from "@heddle/testing/runtime/scripted-nodes";
import { settle, VirtualClock } from "@heddle/testing/runtime/virtual-clock";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { compileAgent } from "./compile-agent.ts";
import type { CompiledAgent } from "./compiled-agent.ts";
import { runAgent } from "./run-agent.ts";

/**
 * Agents and the world that they meet. Which of the things under way ends first follows from the step's key and the world's
 * seed alone, so a run that is resumed meets the same world that the uninterrupted one met.
 */
interface World {
  agents: [CompiledAgent, CompiledAgent, CompiledAgent];
  plans: RandomAgents["plans"];
  seed: number;
  isJournalSlow: boolean;
}

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
    const end = await own(world, life, resolutions);
    if (end.status !== "waiting") return { ...life, outcome: end };
    life.suspensions += 1;
    const next = end.waits.map(({ key }) => key).toSorted((a, b) => rankOf(world, a, WAITING) - rankOf(world, b, WAITING))[0] ?? "";
    resolutions[next] = approval(next);
  }
}

async function own(world: World, life: Omit<Life, "outcome">, resolutions: Record<string, WaitResolution>) {
  const recorded = [...life.journal];
  const clock = new VirtualClock(recorded.reduce((latest, step) => Math.max(latest, step.startedAt + step.durationMs), 1_000));
  const gates: { rank: number; open: () => void }[] = [];
  let resolve: ((key: string, resolution: WaitResolution) => void) | undefined;
  const ended: { end?: Awaited<ReturnType<typeof runAgent>> } = {};
  const now = (): number => {
    clock.pass(1);
    return clock.now();
  };

  const scripts: Record<string, Script> = {};
  const gate = (key: string) => new Promise<void>((open) => gates.push({ rank: rankOf(world, key), open }));
  for (const [id, plan] of world.plans) scripts[id] = scriptFor(plan, gate, life.performed);
  const handlers = scriptedHandlers(scripts);
  runAgent(world.agents[0], {
    input: "in",
    run: { executionId: "e", agentId: "a", workspaceId: "w", startedAt: 1_000, isDeployed: true },
    services: {} as StepServices,
    // An agent inside another takes its turn like everything else. So do merges while a slow journal keeps others waiting.
    handlers: async (type) => {
      const handler = await handlers(type);
      if (type === "work" || handler === undefined || (type !== "start" && !world.isJournalSlow)) return handler;
      return {
        run: async (context) => {
          await gate(context.idempotencyKey);
          return await handler.run(context);
        },
      };
    },
    journal: {
      recorded,
      append: (step) => {
        life.journal.push(structuredClone(step));
        return world.isJournalSlow ? Promise.resolve() : undefined;
      },
    },
    agents: { load: async (id, version) => ({ agent: world.agents[Number(id)] as CompiledAgent, version: version ?? 1 }) },
    clock: { now, wakeAfter: clock.wakeAfter },
    random: () => 0,
    signal: new AbortController().signal,
    resolutions,
    waits: {
      opened: ({ key }) => gates.push({ rank: rankOf(world, key, WAITING), open: () => resolve?.(key, approval(key)) }),
      subscribe: (listener) => {
        resolve = listener;
        return () => {};
      },
    },
  }).then(
    (end) => {
      ended.end = end;
    },
    (error: unknown) => {
      throw error;
    },
  );
  for (;;) {
    await clock.advance(0);
    await settle();
    if (ended.end !== undefined) return ended.end;
    gates.sort((a, b) => a.rank - b.rank);
    gates.shift()?.open();
  }
}

function scriptFor(plan: NodePlan, gate: (key: string) => Promise<void>, performed: string[]): Script {
  let tries = 0;
  return async (context) => {
    const { idempotencyKey: key } = context;
    const parts: Json[] = [digest(context)];
    if (plan.kind === "wait") {
      const resolution = await context.wait({ kind: "approval", title: "May it?" });
      performed.push(key);
      return result(plan, context, [...parts, resolution.outcome]);
    }
    // What waits inside a step begins to wait at once, after a resume too.
    if (plan.kind !== "work" || plan.tool === "none" || plan.tool === "work") await gate(key);
    performed.push(key);
    tries += 1;
    if (plan.kind === "stop") throw new HeddleError("run_stopped", "Enough.");
    if (plan.usesOnce) {
      parts.push(
        await context.once("part", async () => {
          performed.push(`${key}/part`);
          return `part of ${key}`;
        }),
      );
    }
    if (plan.failures === 99 || (plan.failures === 1 && plan.hasRetry && tries % 2 === 1)) throw new HeddleError("http_failed", "Away.");
    const tool = context.attachments.tools?.[0]?.tool;
    if (tool !== undefined) parts.push((await tool.call({ asked: "asked" }, "0")) as unknown as Json);
    return result(plan, context, parts);
  };
}

function result(plan: NodePlan, context: StepContext, parts: Json[]): StepResult {
  const key = context.idempotencyKey;
  const state = [
    { name: "log", value: nodeIdOf(context) },
    { name: "sum", value: 1 + (plan.rank % 3) },
    { name: "last", value: key },
  ];
  return { output: parts, ports: plan.takes, ...(plan.changesState ? { state } : {}) };
}

function digest(context: StepContext): string {
  const arrivals = Object.values(context.arrivals)
    .flat()
    .map(({ nodeId, port, value }) => `${nodeId}.${port}=${JSON.stringify(value).length}`);
  return `${context.idempotencyKey}(${arrivals.join()}) ${JSON.stringify(context.params.value)?.length}`;
}

const approval = (key: string): WaitResolution => ({ outcome: "approved", at: 1, values: { key } });
const WAITING = "waiting";

/** When something's turn comes among all that is under way: a hash, so that it is the same after a resume. */
function rankOf({ seed }: World, key: string, what = ""): number {
  let hash = seed;
  for (const letter of `${key.replace(/^e:/, "")} ${what}`) hash = Math.imul(hash ^ letter.charCodeAt(0), 16_777_619);
  return (hash >>> 0) + (what === "" ? 0 : 0.5);
}

const gist = ({ key, status, ports, ...step }: StepRecord) => ({
  key,
  status,
  ports,
  output: step.output,
  state: step.state,
  error: "error" in step ? step.error : undefined,
});
/** Steps that were started and given up count in the run that started them only. */
const verdict = ({ durationMs: _durationMs, steps: _steps, ...outcome }: RunOutcome) => outcome;

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
        const { documents, plans } = writeAgents(plan);
        const chance = (): number => stream.next().value as number;
        const agents = documents.map((document) => compileAgent(document, scriptedRegistry)) as World["agents"];
        const world: World = { agents, plans, seed, isJournalSlow };
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
  for (const [what, count] of Object.entries(seen)) expect(count, what).toBeGreaterThan(20);
}, 120_000);
