import type { Arrival, StepContext } from "@heddle/node-kit";
import { HeddleError, type ModelCall } from "@heddle/schema";
import type { ActiveRun } from "./active-run.ts";
import { heeded } from "./heeded.ts";
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

/**
 * What a handler gets. Parts that cost something and that few handlers use are made when asked for. Functions are fields,
 * so that handlers may take them out of the context.
 */
export class TryContext implements StepContext {
  readonly params: Record<string, unknown>;
  readonly arrivals: ArrivalsByPort;
  readonly recordModelCall: (call: ModelCall) => void;
  readonly #inside: StepInside;
  #attachments: StepContext["attachments"] | undefined;

  constructor(inside: StepInside) {
    this.params = inside.params;
    this.arrivals = inside.plan.arrivals;
    this.recordModelCall = inside.recordModelCall;
    this.#inside = inside;
  }

  get input(): StepContext["input"] {
    return this.#inside.run.options.input;
  }

  get run(): StepContext["run"] {
    return this.#inside.run.options.run;
  }

  get services(): StepContext["services"] {
    return this.#inside.run.options.services;
  }

  get attachments(): StepContext["attachments"] {
    this.#attachments ??= lendAttachments(this.#inside);
    return this.#attachments;
  }

  get signal(): AbortSignal {
    return this.#inside.attempt.signal;
  }

  get idempotencyKey(): string {
    return `${this.run.executionId}:${this.#inside.plan.key}`;
  }

  get isWatched(): boolean {
    return this.#inside.run.isWatched;
  }

  readonly stream = (text: string): void => {
    const { run, plan, attempt } = this.#inside;
    if (!attempt.isOver && run.isWatched) run.emit({ type: "step.delta", at: run.now(), key: plan.key, nodeId: plan.node.id, text });
  };

  get state(): StepContext["state"] {
    return {};
  }

  readonly wait: StepContext["wait"] = () => Promise.reject(new HeddleError("not_configured", "Steps can't wait here."));

  readonly once: StepContext["once"] = (name, perform) => heeded(performOnce(this.#inside, name, perform));
}
