import type { StepContext, StepResult, StepServices } from "@heddle/node-kit";
import { compileAgent, runAgent, type CompiledAgent, type Journal } from "@heddle/runtime";
import { HeddleError, type Json, type PendingWait, type RunOutcome, type RunSuspension, type WaitResolution } from "@heddle/schema";
import { type AgentsPlan, type NodePlan, type RandomAgents, writeAgents } from "./random-agents.ts";
import { nodeIdOf, scriptedHandlers, scriptedRegistry, type Script } from "./scripted-nodes.ts";
import { settle, VirtualClock } from "./virtual-clock.ts";

/**
 * Agents and the world that they meet. Which of the things under way ends first follows from the step's key and the world's
 * seed alone, so a run that is resumed meets the same world that the uninterrupted one met.
 */
export interface World {
  agents: [CompiledAgent, CompiledAgent, CompiledAgent];
  plans: RandomAgents["plans"];
  seed: number;
  isJournalSlow: boolean;
}

/** One owner of a run. */
interface Ownership {
  journal: Journal;
  /** Takes everything that handlers do, by name, so that doing it twice shows. */
  performed: string[];
  resolutions: Readonly<Record<string, WaitResolution>>;
  signal?: AbortSignal;
}

/** The world that a plan's agents meet. */
export function worldOf(plan: AgentsPlan, { seed, isJournalSlow }: Pick<World, "seed" | "isJournalSlow">): World {
  const { documents, plans } = writeAgents(plan);
  return { agents: documents.map((document) => compileAgent(document, scriptedRegistry)) as World["agents"], plans, seed, isJournalSlow };
}

/** Runs the first agent from its journal until it ends, is put away or is stopped by the signal, whose reason is thrown then. */
export async function ownRun(world: World, ownership: Ownership): Promise<RunOutcome | RunSuspension> {
  const { journal, performed, resolutions, signal = new AbortController().signal } = ownership;
  const { recorded } = journal;
  const clock = new VirtualClock(recorded.reduce((latest, step) => Math.max(latest, step.startedAt + step.durationMs), 1_000));
  const gates: { rank: number; open: () => void }[] = [];
  let resolve: ((key: string, resolution: WaitResolution) => void) | undefined;
  const ended: { end?: RunOutcome | RunSuspension; fault?: { error: unknown } } = {};
  const now = (): number => {
    clock.pass(1);
    return clock.now();
  };

  const scripts: Record<string, Script> = {};
  const gate = (key: string) => new Promise<void>((open) => gates.push({ rank: rankOf(world, key), open }));
  for (const [id, plan] of world.plans) scripts[id] = scriptFor(plan, gate, performed);
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
    journal,
    agents: { load: async (id, version) => ({ agent: world.agents[Number(id)] as CompiledAgent, version: version ?? 1 }) },
    clock: { now, wakeAfter: clock.wakeAfter },
    random: () => 0,
    signal,
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
      ended.fault = { error };
    },
  );
  for (;;) {
    await clock.advance(0);
    await settle();
    if (ended.fault !== undefined) throw ended.fault.error;
    if (ended.end !== undefined) return ended.end;
    gates.sort((a, b) => a.rank - b.rank);
    gates.shift()?.open();
  }
}

/** Which of a suspended run's waits ends first, and how. */
export function firstAnswer(world: World, waits: readonly PendingWait[]): { key: string; resolution: WaitResolution } {
  const key = waits.map((wait) => wait.key).toSorted((a, b) => rankOf(world, a, WAITING) - rankOf(world, b, WAITING))[0] ?? "";
  return { key, resolution: approval(key) };
}

/** What of an outcome is the same however often the run was resumed: steps that were given up count where they were started. */
export function verdict({ durationMs: _durationMs, steps: _steps, ...outcome }: RunOutcome): Omit<RunOutcome, "durationMs" | "steps"> {
  return outcome;
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
