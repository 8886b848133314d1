import type { StepRecord } from "@heddle/schema";
import type { Journal } from "./ports.ts";

/** The journal of one run that nobody takes over; {@link MemoryExecutions} keeps many, through crashes too. */
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
