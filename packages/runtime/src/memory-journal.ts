import type { StepRecord } from "@heddle/schema";
import type { Journal } from "./ports.ts";

/** A journal that lives as long as its process: for exported agents without storage, and for tests. */
export class MemoryJournal implements Journal {
  /** What earlier owners of the run recorded. */
  readonly recorded: readonly StepRecord[];
  /** What this run appended, in order. */
  readonly appended: StepRecord[] = [];

  constructor(recorded: readonly StepRecord[] = []) {
    this.recorded = recorded;
  }

  append(step: StepRecord): void {
    this.appended.push(step);
  }

  /** Everything recorded so far, to resume from. */
  get steps(): StepRecord[] {
    return [...this.recorded, ...this.appended];
  }
}
