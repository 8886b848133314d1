import { HeddleError, type ModelCall, type RunLimits, type StepRecord, type TokenUsage } from "@heddle/schema";
import { DEFAULT_MAX_VALUE_BYTES } from "./admit-value.ts";
import type { Limits } from "./ports.ts";
import { isNodeKey, isRoundKey } from "./run-journal.ts";

/** Steps outside rounds. */
export const DEFAULT_MAX_STEPS = 1_000;
/** Steps in all: rounds have a limit of their own, and this one is far behind it. */
export const DEFAULT_MAX_STEPS_WITH_ROUNDS = 1_000_000;
/** Rounds of all loops, maps and per-item nodes together. */
export const DEFAULT_MAX_ITERATIONS = 100_000;
export const DEFAULT_MAX_DURATION_MS = 3_600_000;
/** What the results of a container's rounds, or a run's state, may take together, bytes: as much as a run's output. */
const MAX_COLLECTED_BYTES = 10 * 1024 * 1024;

/**
 * What one run has used and may use. What earlier owners of the run used counts. A limit on steps that somebody set counts
 * every step; the default one counts those outside rounds, so that a long loop needs no limit raised but its own.
 */
export class Budget {
  readonly usage: TokenUsage = { inputTokens: 0, outputTokens: 0 };
  readonly maxValueBytes: number;
  readonly maxCollectedBytes: number;
  readonly maxDurationMs: number;
  readonly #maxSteps: number;
  readonly #maxStepsOutside: number;
  readonly #maxIterations: number;
  readonly #maxTokens: number;
  readonly #maxCostUsd: number;
  #steps = 0;
  #stepsOutside = 0;
  #iterations = 0;
  #costUsd = 0;

  constructor(document: RunLimits, caller: Limits = {}, recorded: readonly StepRecord[] = []) {
    const maxSteps = document.maxSteps ?? caller.maxSteps;
    this.#maxSteps = maxSteps ?? DEFAULT_MAX_STEPS_WITH_ROUNDS;
    this.#maxStepsOutside = maxSteps ?? DEFAULT_MAX_STEPS;
    this.#maxIterations = document.maxIterations ?? caller.maxIterations ?? DEFAULT_MAX_ITERATIONS;
    this.#maxTokens = document.maxTokens ?? caller.maxTokens ?? Number.POSITIVE_INFINITY;
    this.#maxCostUsd = document.maxCostUsd ?? caller.maxCostUsd ?? Number.POSITIVE_INFINITY;
    this.maxDurationMs = document.maxDurationMs ?? caller.maxDurationMs ?? DEFAULT_MAX_DURATION_MS;
    this.maxValueBytes = caller.maxValueBytes ?? DEFAULT_MAX_VALUE_BYTES;
    this.maxCollectedBytes = Math.max(this.maxValueBytes, MAX_COLLECTED_BYTES);
    for (const step of recorded) {
      if (isNodeKey(step.key)) {
        this.#steps += 1;
        if (!isRoundKey(step.key)) this.#stepsOutside += 1;
      }
      for (const call of step.modelCalls ?? []) this.#add(call);
    }
  }

  get steps(): number {
    return this.#steps;
  }

  /** Counts one more step. Returns the error when that is one too many. */
  takeStep(isInRound: boolean): HeddleError | undefined {
    const most = isInRound ? this.#maxSteps : this.#maxStepsOutside;
    if (this.#steps >= this.#maxSteps || (!isInRound && this.#stepsOutside >= this.#maxStepsOutside)) {
      return new HeddleError("step_limit", `The run may use ${most} steps and needed more.`, { details: { maxSteps: most } });
    }
    this.#steps += 1;
    if (!isInRound) this.#stepsOutside += 1;
    return undefined;
  }

  /** Counts rounds. Returns the error when they are too many. */
  takeIterations(count: number): HeddleError | undefined {
    this.#iterations += count;
    if (this.#iterations <= this.#maxIterations) return undefined;
    return new HeddleError("iteration_limit", `The run's loops may go round ${this.#maxIterations} times and needed more.`, {
      details: { maxIterations: this.#maxIterations },
      hint: "Raise the limit on rounds in the agent's settings, or let the run do less.",
    });
  }

  /** Counts a model call's tokens and cost. Returns the error when they are too much. */
  takeModelCall(call: ModelCall): HeddleError | undefined {
    this.#add(call);
    const tokens = this.usage.inputTokens + this.usage.outputTokens;
    if (tokens > this.#maxTokens) {
      return new HeddleError("token_limit", `The run may use ${this.#maxTokens} tokens and has used ${tokens}.`, {
        details: { maxTokens: this.#maxTokens, tokens },
      });
    }
    if (this.#costUsd <= this.#maxCostUsd) return undefined;
    return new HeddleError("cost_limit", `The run may cost ${this.#maxCostUsd} US dollars and has cost more.`, {
      details: { maxCostUsd: this.#maxCostUsd, costUsd: this.#costUsd },
    });
  }

  #add(call: ModelCall): void {
    this.usage.inputTokens += call.usage.inputTokens;
    this.usage.outputTokens += call.usage.outputTokens;
    this.#costUsd += call.costUsd ?? 0;
  }
}

/** Errors that end the run, whatever nodes and containers say about failures. */
export function isRunLimit({ code }: { code: string }): boolean {
  return code === "token_limit" || code === "cost_limit" || code === "step_limit" || code === "run_timeout";
}

/**
 * Time in which earlier owners of a run worked, ms: what their steps' times cover. What passed between a crash and the
 * resume, or while the run waited, is not held against it.
 */
export function workedMs(recorded: readonly StepRecord[]): number {
  const spans = recorded.filter((step) => step.isEnvelope !== true).toSorted((a, b) => a.startedAt - b.startedAt);
  let total = 0;
  let covered = Number.NEGATIVE_INFINITY;
  for (const { startedAt, durationMs } of spans) {
    const end = startedAt + durationMs;
    if (end <= covered) continue;
    total += end - Math.max(startedAt, covered);
    covered = end;
  }
  return total;
}
