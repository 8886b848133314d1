import type { Arrival, StepContext } from "@heddle/node-kit";
import type { ModelCall } from "@heddle/schema";
import type { ActiveRun } from "./active-run.ts";
import { lendAttachments } from "./lend-attachments.ts";
import { performOnce } from "./perform-once.ts";
import type { StepAttempt } from "./step-attempt.ts";
import type { StepPlan } from "./step-run.ts";

/** What arrived, by input port. */
export type ArrivalsByPort = Record<string, Arrival[]>;

/** A try of a step, as the things inside it see it. */
export interface StepInside {
  readonly run: ActiveRun;
  readonly plan: StepPlan;
  readonly params: Record<string, unknown>;
  readonly attempt: StepAttempt;
  readonly recordModelCall: (call: ModelCall) => void;
  /** Starts another node as a part of this try. */
  readonly startInner: (plan: StepPlan) => void;
}

/** Makes what a handler gets. Parts that cost something and that few handlers use are made when asked for. */
export function createStepContext(inside: StepInside): StepContext {
  const { run, plan, params, attempt, recordModelCall } = inside;
  const { options } = run;
  const nodeId = plan.node.id;
  let attachments: StepContext["attachments"] | undefined;
  return {
    params,
    arrivals: plan.arrivals,
    input: options.input,
    run: options.run,
    services: options.services,
    get attachments() {
      attachments ??= lendAttachments(inside);
      return attachments;
    },
    get signal() {
      return attempt.signal;
    },
    idempotencyKey: `${options.run.executionId}:${plan.key}`,
    stream: (text) => {
      if (!attempt.isOver && run.isWatched) run.emit({ type: "step.delta", at: run.now(), key: plan.key, nodeId, text });
    },
    recordModelCall,
    once: (name, perform) => performOnce(inside, name, perform),
  };
}
