import type { ClaimedExecution, Journal, RunJournal } from "@heddle/db/journal";
import { HeddleError, toErrorInfo, type Json, type RunOutcome, type StepRecord } from "@heddle/schema";
import { isPlainStep, mapStepValues, toInlineStep, type LargeValues, type ValueOwner } from "./large-values.ts";
import { fitsInto, MAX_INLINE_BYTES, toStoredInline } from "./stored-value.ts";

export interface KeepOptions {
  values: LargeValues;
  /** Hears of runs that can't go on because their values can't be had. */
  onFault: (fault: unknown, where: { executionId: string }) => void;
}

/**
 * A journal whose large values lie in file storage, and are there before a row refers to them. Who writes and reads by it
 * sees values only. A small value costs a look at its size.
 */
export function keepLargeValues(journal: Journal, { values, onFault }: KeepOptions): Journal {
  const loadSteps = async (owner: ValueOwner, steps: StepRecord[]): Promise<StepRecord[]> =>
    steps.every(isPlainStep)
      ? steps
      : await Promise.all(steps.map((step) => (isPlainStep(step) ? step : mapStepValues(step, (stored) => values.load(owner, stored)))));

  /** Undefined where the run can't go on for now, or at all. */
  const open = async (execution: ClaimedExecution): Promise<ClaimedExecution | undefined> => {
    const { run, recorded } = execution;
    try {
      return { ...execution, recorded: await loadSteps(run, recorded), run: new LargeValueRun(run, values) };
    } catch (error) {
      const known = error instanceof HeddleError ? error : new HeddleError("file_missing", "A large value of this run can't be read.");
      if (known.retryable) {
        await run.release();
      } else {
        const durationMs = Date.now() - execution.startedAt.getTime();
        const nothing = { usage: { inputTokens: 0, outputTokens: 0 }, steps: recorded.length, durationMs };
        await run.finish({ status: "failed", error: toErrorInfo(known), ...nothing });
      }
      onFault(error, { executionId: run.executionId });
      return undefined;
    }
  };

  return {
    ...journal,
    begin: (execution, onInterrupt) => new LargeValueRun(journal.begin(execution, onInterrupt), values),
    accept: async (execution, onInterrupt) => new LargeValueRun(await journal.accept(execution, onInterrupt), values),
    claim: async (limit, onInterrupt, claimRows) => {
      const claimed = await journal.claim(limit, onInterrupt, claimRows);
      const opened = await Promise.all(claimed.map(open));
      return opened.filter((execution) => execution !== undefined);
    },
    loadSteps: async (workspaceId, executionId) =>
      await loadSteps({ workspaceId, executionId }, await journal.loadSteps(workspaceId, executionId)),
  };
}

class LargeValueRun implements RunJournal {
  readonly executionId: string;
  readonly workspaceId: string;
  readonly epoch: number;
  readonly #run: RunJournal;
  readonly #values: LargeValues;
  /** While a large value is being kept, what comes after it waits, so that the journal has no gap at any time. */
  #keeping: Promise<void> | undefined;
  /** What was kept last: a run's output is mostly its last step's. */
  #last: { value: Json; stored: Json } | undefined;

  constructor(run: RunJournal, values: LargeValues) {
    this.#run = run;
    this.#values = values;
    this.executionId = run.executionId;
    this.workspaceId = run.workspaceId;
    this.epoch = run.epoch;
  }

  accepted(): Promise<void> {
    return this.#run.accepted();
  }

  append(step: StepRecord): void {
    const inline = toInlineStep(step);
    if (inline !== undefined && this.#keeping === undefined) {
      this.#run.append(inline);
      return;
    }
    const before = this.#keeping ?? Promise.resolve();
    const keeping = before.then(async () => {
      this.#run.append(inline ?? (await mapStepValues(step, (value) => this.#store(value))));
      if (this.#keeping === keeping) this.#keeping = undefined;
    });
    // Whoever ends the run, or asks for what it wrote, is told.
    keeping.catch(() => undefined);
    this.#keeping = keeping;
  }

  async flush(): Promise<void> {
    await this.#keeping;
    await this.#run.flush();
  }

  finish(outcome: RunOutcome): Promise<void> {
    if (this.#keeping === undefined && (outcome.status !== "completed" || fitsInto(MAX_INLINE_BYTES, outcome.output)))
      return this.#run.finish(withOutput(outcome, toStoredInline));
    return this.#finishLarge(outcome);
  }

  async #finishLarge(outcome: RunOutcome): Promise<void> {
    await this.#orRelease(async () => {
      await this.#keeping;
      const stored = outcome.status === "completed" ? await this.#store(outcome.output) : null;
      return () => this.#run.finish(withOutput(outcome, () => stored));
    });
  }

  async openWait(...wait: Parameters<RunJournal["openWait"]>): Promise<void> {
    await this.#run.openWait(...wait);
  }

  async suspend(...how: Parameters<RunJournal["suspend"]>): Promise<void> {
    await this.#orRelease(async () => {
      await this.#keeping;
      return () => this.#run.suspend(...how);
    });
  }

  async retryAt(...how: Parameters<RunJournal["retryAt"]>): Promise<void> {
    // What could not be kept is done again by the next attempt.
    await this.#keeping?.catch(() => undefined);
    await this.#run.retryAt(...how);
  }

  letGo(): void {
    this.#run.letGo();
  }

  async release(): Promise<void> {
    await this.#keeping?.catch(() => undefined);
    await this.#run.release();
  }

  async #store(value: Json): Promise<Json> {
    if (this.#last !== undefined && this.#last.value === value) return this.#last.stored;
    const stored = await this.#values.store(this, value);
    this.#last = { value, stored };
    return stored;
  }

  /** Where a value can't be kept, the run is given up: another process goes on from before the step that made it. */
  async #orRelease(prepare: () => Promise<() => Promise<void>>): Promise<void> {
    let write: () => Promise<void>;
    try {
      write = await prepare();
    } catch (error) {
      await this.#run.release();
      throw error;
    }
    await write();
  }
}

function withOutput(outcome: RunOutcome, map: (output: Json) => Json): RunOutcome {
  if (outcome.status !== "completed") return outcome;
  const output = map(outcome.output);
  return output === outcome.output ? outcome : { ...outcome, output };
}
