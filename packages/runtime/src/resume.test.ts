import type { StepContext, StepResult, StepServices } from "@heddle/node-kit";
import { HeddleError, type AgentDocument, type Json, type RunOutcome, type StepRecord } from "@heddle/schema";
import { documentOf, nodeIdOf, scriptedHandlers, scriptedRegistry, type Script } from "@heddle/testing/runtime/scripted-nodes";
import { settle, VirtualClock } from "@heddle/testing/runtime/virtual-clock";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { compileAgent } from "./compile-agent.ts";
import { runAgent } from "./run-agent.ts";

/**
 * What one node of a random document is and does. Which of several nodes under way ends first follows from `rank` alone,
 * so a run that is resumed meets the same world that the uninterrupted one met.
 */
interface NodePlan {
  kind: "work" | "all" | "any" | "first" | "reply" | "disabled";
  /** Places of earlier nodes, and the port by which they are left. */
  parents: { place: number; port: "out" | "other" | "error" }[];
  takes: ("out" | "other")[];
  failures: 0 | 1 | 99;
  onError: "fail" | "continue" | "branch";
  hasRetry: boolean;
  usesOnce: boolean;
  callsTool: boolean;
  rank: number;
}

const nodePlan: fc.Arbitrary<NodePlan> = fc.record({
  kind: fc.oneof(
    { weight: 6, arbitrary: fc.constant("work" as const) },
    { weight: 4, arbitrary: fc.constantFrom("all" as const, "any" as const, "first" as const) },
    { weight: 2, arbitrary: fc.constantFrom("reply" as const, "disabled" as const) },
  ),
  parents: fc.array(
    fc.record({ place: fc.nat(), port: fc.constantFrom("out" as const, "out" as const, "other" as const, "error" as const) }),
    { minLength: 1, maxLength: 3 },
  ),
  takes: fc.constantFrom(["out" as const], ["other" as const], ["out" as const, "other" as const], []),
  failures: fc.constantFrom(0 as const, 0 as const, 0 as const, 1 as const, 99 as const),
  onError: fc.constantFrom("continue" as const, "branch" as const, "continue" as const, "branch" as const, "fail" as const),
  hasRetry: fc.boolean(),
  usesOnce: fc.boolean(),
  callsTool: fc.boolean(),
  rank: fc.nat(1_000),
});

function documentFor(plans: NodePlan[]): AgentDocument {
  const nodes: Parameters<typeof documentOf>[0] = { start: {} };
  const edges = new Set<string>();
  plans.forEach((plan, index) => {
    const id = `n${index}`;
    nodes[id] = {
      ...(plan.kind === "reply" ? { type: "reply" } : {}),
      ...(plan.kind === "all" || plan.kind === "any" || plan.kind === "first" ? { type: "merge", params: { mode: plan.kind } } : {}),
      ...(plan.kind === "work" ? { params: { ports: ["out", "other"] }, onError: plan.onError } : {}),
      ...(plan.kind === "disabled" ? { isDisabled: true } : {}),
      ...(plan.hasRetry ? { retry: { maxAttempts: 2, initialDelayMs: 0 } } : {}),
    };
    for (const { place, port } of plan.parents) {
      const parent = place % (index + 1);
      const from = plans[parent - 1];
      const isWork = from?.kind === "work" && (port !== "error" || from.onError === "branch");
      edges.add(`${parent === 0 ? "start" : `n${parent - 1}`}.${isWork ? port : "out"}>${id}`);
    }
    if (plan.kind === "work" && plan.callsTool) {
      nodes[`t${index}`] = { params: { value: `{{ args.asked }} by n${index}` } };
      edges.add(`t${index}~${id}.tools`);
    }
  });
  return documentOf(nodes, [...edges]);
}

/** Everything that handlers did, by name, so that doing it twice shows. */
interface Life {
  outcome: RunOutcome;
  journal: StepRecord[];
  performed: string[];
}

interface World {
  plans: NodePlan[];
  document: AgentDocument;
  isJournalSlow: boolean;
}

async function live({ plans, document, isJournalSlow }: World, recorded: StepRecord[]): Promise<Life> {
  const clock = new VirtualClock(recorded.reduce((latest, step) => Math.max(latest, step.startedAt + step.durationMs), 1_000));
  const performed: string[] = [];
  const appended: StepRecord[] = [];
  const gates: { rank: number; open: () => void }[] = [];
  const gate = (rank: number) => new Promise<void>((open) => gates.push({ rank, open }));
  const tries = new Map<string, number>();

  const work =
    (index: number, plan: NodePlan): Script =>
    async (context) => {
      await gate(plan.rank * 100 + index);
      performed.push(context.idempotencyKey);
      const attempt = (tries.get(nodeIdOf(context)) ?? 0) + 1;
      tries.set(nodeIdOf(context), attempt);
      const parts: Json[] = [digest(context)];
      if (plan.usesOnce)
        parts.push(
          await context.once("part", async () => {
            await gate(plan.rank * 100 + index);
            performed.push(`${context.idempotencyKey}/part`);
            return `part of ${index}`;
          }),
        );
      if (attempt <= plan.failures) throw new HeddleError("http_failed", "Away.");
      const tool = context.attachments.tools?.[0]?.tool;
      if (tool !== undefined) parts.push((await tool.call({ asked: "asked" }, "0")) as unknown as Json);
      return { output: parts, ports: plan.takes } satisfies StepResult;
    };
  const scripts: Record<string, Script> = {};
  plans.forEach((plan, index) => {
    scripts[`n${index}`] = work(index, plan);
    scripts[`t${index}`] = async (context) => {
      await gate(plan.rank * 100 + index);
      performed.push(context.idempotencyKey);
      return { output: context.params.value as Json };
    };
  });

  const ended: { outcome?: RunOutcome } = {};
  const run = runAgent(compileAgent(document, scriptedRegistry), {
    input: "in",
    run: { executionId: "e", agentId: "a", workspaceId: "w", startedAt: 1_000, isDeployed: true },
    services: {} as StepServices,
    handlers: scriptedHandlers(scripts),
    journal: {
      recorded,
      append: (step) => {
        appended.push(step);
        return isJournalSlow ? Promise.resolve() : undefined;
      },
    },
    // No two things happen at the same time, so the order in which steps ended can be read from their times.
    clock: {
      now: () => {
        clock.pass(1);
        return clock.now();
      },
      wakeAfter: clock.wakeAfter,
    },
    random: () => 0,
    signal: new AbortController().signal,
  }).then((outcome) => {
    if (outcome.status === "waiting") throw new Error("no node waits");
    ended.outcome = outcome;
  });
  while (ended.outcome === undefined) {
    await clock.advance(0);
    await settle();
    gates.sort((a, b) => a.rank - b.rank);
    gates.shift()?.open();
  }
  await run;
  return { outcome: ended.outcome, journal: [...recorded, ...appended], performed };
}

function digest(context: StepContext): string {
  const arrivals = Object.values(context.arrivals)
    .flat()
    .map(({ nodeId, port, value }) => `${nodeId}.${port}=${JSON.stringify(value).length}`);
  return `${context.idempotencyKey}(${arrivals.join()})`;
}

const gist = ({ key, status, ports, ...step }: StepRecord) => ({
  key,
  status,
  ports,
  output: step.output,
  error: "error" in step ? step.error : undefined,
});
/** Steps that were started and given up count in the run that started them only. */
const verdict = ({ durationMs: _durationMs, steps: _steps, ...outcome }: RunOutcome) => outcome;

test("a run resumed from any part of its journal ends as the uninterrupted one does, and does nothing recorded again", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(nodePlan, { minLength: 1, maxLength: 9 }),
      fc.boolean(),
      fc.infiniteStream(fc.nat(1_000)),
      async (plans, isJournalSlow, chance) => {
        const world = { plans, document: documentFor(plans), isJournalSlow };
        const whole = await live(world, []);
        expect(new Set(whole.journal.map((step) => step.key)).size, "a step was recorded twice").toBe(whole.journal.length);

        for (let length = 0; length <= whole.journal.length; length += 1) {
          const recorded = whole.journal.slice(0, length);
          // The order in which a store gives the records back does not matter.
          const shuffled = recorded
            .map((step) => ({ step, at: chance.next().value }))
            .toSorted((a, b) => a.at - b.at)
            .map(({ step }) => structuredClone(step));
          const resumed = await live(world, shuffled);
          const byKey = (a: { key: string }, b: { key: string }) => (a.key < b.key ? -1 : 1);
          expect(verdict(resumed.outcome)).toEqual(verdict(whole.outcome));
          const kept = new Set(resumed.journal.map((step) => step.key));
          // With a slow journal two steps may end at once: the loser of a `first` merge then has a record or not.
          const expected = isJournalSlow ? whole.journal.filter((step) => kept.has(step.key)) : whole.journal;
          expect(resumed.journal.map(gist).toSorted(byKey)).toEqual(expected.map(gist).toSorted(byKey));
          expect(resumed.performed.filter((name) => recorded.some((step) => name === `e:${step.key}`))).toEqual([]);
        }
      },
    ),
    { numRuns: 150 },
  );
});
