import { HeddleError, type ModelCall, type RunLimits, type StepRecord, type TokenUsage } from "@heddle/schema";
import { DEFAULT_MAX_VALUE_BYTES } from "./admit-value.ts";
import type { Limits } from "./ports.ts";
import { isNodeKey } from "./run-journal.ts";

export const DEFAULT_MAX_STEPS = 1_000;
export const DEFAULT_MAX_DURATION_MS = 3_600_000;

/** What one run has used and may use. What earlier owners of the run used counts. */
export class Budget {
  readonly usage: TokenUsage = { inputTokens: 0, outputTokens: 0 };
  readonly maxValueBytes: number;
  readonly maxDurationMs: number;
  readonly #maxSteps: number;
  readonly #maxTokens: number;
  #steps = 0;

  constructor(document: RunLimits, caller: Limits = {}, recorded: readonly StepRecord[] = []) {
    this.#maxSteps = document.maxSteps ?? caller.maxSteps ?? DEFAULT_MAX_STEPS;
    this.#maxTokens = document.maxTokens ?? caller.maxTokens ?? Number.POSITIVE_INFINITY;
    this.maxDurationMs = document.maxDurationMs ?? caller.maxDurationMs ?? DEFAULT_MAX_DURATION_MS;
    this.maxValueBytes = caller.maxValueBytes ?? DEFAULT_MAX_VALUE_BYTES;
    for (const step of recorded) {
      if (isNodeKey(step.key)) this.#steps += 1;
      for (const call of step.modelCalls ?? []) this.#add(call);
    }
  }

  get steps(): number {
    return this.#steps;
  }

  /** Counts one more step. Returns the error when that is one too many. */
  takeStep(): HeddleError | undefined {
    if (this.#steps >= this.#maxSteps) {
      return new HeddleError("step_limit", `The run may use ${this.#maxSteps} steps and needed more.`, {
        details: { maxSteps: this.#maxSteps },
      });
    }
    this.#steps += 1;
    return undefined;
  }

  /** Counts a model call's tokens. Returns the error when they are too many. */
  takeTokens(call: ModelCall): HeddleError | undefined {
    this.#add(call);
    const tokens = this.usage.inputTokens + this.usage.outputTokens;
    if (tokens <= this.#maxTokens) return undefined;
    return new HeddleError("token_limit", `The run may use ${this.#maxTokens} tokens and has used ${tokens}.`, {
      details: { maxTokens: this.#maxTokens, tokens },
    });
  }

  #add(call: ModelCall): void {
    this.usage.inputTokens += call.usage.inputTokens;
    this.usage.outputTokens += call.usage.outputTokens;
  }
}
