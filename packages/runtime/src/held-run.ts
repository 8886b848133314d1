import { LeaseLostError, type RunOutcome, type StepRecord } from "@heddle/schema";
import type { JournaledWait, LeasedJournal } from "./execution-journal.ts";
import { clone, isOver, type MemoryRun, toJson } from "./memory-run.ts";
import type { Clock } from "./ports.ts";

const STATUS = { completed: "COMPLETED", failed: "FAILED", cancelled: "CANCELLED" } as const;

interface HeldRunOptions {
  run: MemoryRun;
  /** Under which it is held. */
  epoch: number;
  /** Why it was never accepted. */
  refusal: Error | undefined;
  clock: Pick<Clock, "now">;
  onEnded: () => void;
}

/** A run in memory in the hands of one owner. */
export class HeldRun implements LeasedJournal {
  readonly executionId: string;
  readonly workspaceId: string;
  readonly epoch: number;
  readonly #options: HeldRunOptions;
  #pending: string[] = [];

  constructor(options: HeldRunOptions) {
    this.#options = options;
    this.executionId = options.run.request.id;
    this.workspaceId = options.run.request.workspaceId;
    this.epoch = options.epoch;
  }

  async accepted(): Promise<void> {
    if (this.#options.refusal !== undefined) throw this.#options.refusal;
  }

  append(step: StepRecord): void {
    this.#pending.push(JSON.stringify(step));
  }

  async flush(): Promise<void> {
    await this.accepted();
    if (this.#pending.length > 0) this.#write();
  }

  async finish(outcome: RunOutcome): Promise<void> {
    await this.accepted();
    const run = this.#write();
    run.status = STATUS[outcome.status];
    run.output = outcome.status === "completed" ? toJson(outcome.output) : null;
    run.error = outcome.status === "completed" ? null : toJson(outcome.error);
    this.#letGo(null);
    this.#options.onEnded();
  }

  async openWait(wait: JournaledWait): Promise<void> {
    await this.accepted();
    if (this.#isHeld()) this.#note(wait);
  }

  async suspend(waits: readonly JournaledWait[], wakeAt: Date | null): Promise<void> {
    await this.accepted();
    const run = this.#write();
    for (const wait of waits) this.#note(wait);
    const isAnswered = waits.some(({ key }) => run.waits.get(key)?.answer !== undefined);
    run.status = "WAITING";
    run.error = null;
    this.#letGo(isAnswered ? this.#options.clock.now() : (wakeAt?.getTime() ?? null));
  }

  async retryAt(at: Date, error: unknown): Promise<void> {
    await this.accepted();
    const run = this.#write();
    run.status = "PENDING";
    run.error = toJson(error);
    run.attempt += 1;
    this.#letGo(at.getTime());
  }

  async release(): Promise<void> {
    await this.flush();
    if (this.#isHeld()) this.#letGo(this.#options.clock.now());
  }

  #isHeld(): boolean {
    const { run, epoch } = this.#options;
    return run.epoch === epoch && !isOver(run);
  }

  /** Moves what was appended to the run. @throws LeaseLostError */
  #write(): MemoryRun {
    const steps = this.#pending.splice(0);
    if (!this.#isHeld()) throw new LeaseLostError(this.executionId);
    this.#options.run.steps.push(...steps);
    return this.#options.run;
  }

  #note(wait: JournaledWait): void {
    const { waits } = this.#options.run;
    if (!waits.has(wait.key)) waits.set(wait.key, { wait: clone(wait) });
  }

  #letGo(dueAt: number | null): void {
    Object.assign(this.#options.run, { owner: null, onInterrupt: undefined, dueAt } satisfies Partial<MemoryRun>);
  }
}
