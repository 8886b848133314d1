import type { Arrival, StepContext } from "@heddle/node-kit";
import type { ModelCall, StepRecord } from "@heddle/schema";
import type { ActiveRun } from "./active-run.ts";
import { awaitResolution } from "./await-resolution.ts";
import type { InnerRecords } from "./activation.ts";
import { heeded } from "./heeded.ts";
import { lendAttachments } from "./lend-attachments.ts";
import { performOnce } from "./perform-once.ts";
import type { StepAttempt } from "./step-attempt.ts";
import type { Resting, StepPlan } from "./step-plan.ts";

/** What arrived, by input port. */
export type ArrivalsByPort = Record<string, Arrival[]>;

/** A step, as the things inside one of its tries see it. */
export interface StepInside extends Resting {
  readonly run: ActiveRun;
  readonly plan: StepPlan;
  readonly params: Record<string, unknown>;
  /** What the step has recorded inside itself, in this and earlier tries. */
  readonly records: InnerRecords;
  /** What is recorded under a key inside the step, by this owner of the run or an earlier one. */
  find(key: string): StepRecord | undefined;
  recordModelCall(attempt: StepAttempt, call: ModelCall): void;
  /** Starts another node as a part of a try. */
  startInner(attempt: StepAttempt, plan: StepPlan): void;
  /** Notes that the step's time is not only time at work; and when it began to wait, under this owner of the run or an earlier one. */
  noteWait(since: number): void;
}

/**
 * What a handler gets. Parts that cost something and that few handlers use are made when asked for. Functions do not need
 * their context, so that handlers may take them out of it.
 */
export class TryContext implements StepContext {
  readonly params: Record<string, unknown>;
  readonly arrivals: ArrivalsByPort;
  readonly #inside: StepInside;
  readonly #attempt: StepAttempt;
  #attachments: StepContext["attachments"] | undefined;

  constructor(inside: StepInside, attempt: StepAttempt) {
    this.params = inside.params;
    this.arrivals = inside.plan.arrivals;
    this.#inside = inside;
    this.#attempt = attempt;
  }

  get input(): StepContext["input"] {
    return this.#inside.plan.frame.activation.input;
  }

  get run(): StepContext["run"] {
    return this.#inside.plan.frame.activation.facts;
  }

  get services(): StepContext["services"] {
    return this.#inside.run.options.services;
  }

  get attachments(): StepContext["attachments"] {
    this.#attachments ??= lendAttachments(this.#inside, this.#attempt);
    return this.#attachments;
  }

  get signal(): AbortSignal {
    return this.#attempt.signal;
  }

  get idempotencyKey(): string {
    return `${this.#inside.run.options.run.executionId}:${this.#inside.plan.key}`;
  }

  get isWatched(): boolean {
    return this.#inside.run.isWatched;
  }

  get state(): StepContext["state"] {
    return this.#inside.plan.state.values;
  }

  get stream(): StepContext["stream"] {
    const attempt = this.#attempt;
    const { run, plan } = this.#inside;
    return (text) => {
      if (!attempt.isOver && run.isWatched) run.emit({ type: "step.delta", at: run.now(), key: plan.key, nodeId: plan.node.id, text });
    };
  }

  get recordModelCall(): StepContext["recordModelCall"] {
    const inside = this.#inside;
    const attempt = this.#attempt;
    return (call) => inside.recordModelCall(attempt, call);
  }

  get once(): StepContext["once"] {
    const inside = this.#inside;
    const attempt = this.#attempt;
    return (name, perform) => heeded(performOnce({ inside, attempt }, name, perform));
  }

  get wait(): StepContext["wait"] {
    const inside = this.#inside;
    const attempt = this.#attempt;
    return (request) => heeded(awaitResolution(inside, attempt, request));
  }
}
