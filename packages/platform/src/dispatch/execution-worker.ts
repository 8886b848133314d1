import { setTimeout as sleep } from "node:timers/promises";
import type { Jobs, JobWorker } from "@heddle/jobs";
import { HeddleError } from "@heddle/schema";
import type { ClaimDue, DueExecution } from "./claim-due.ts";
import { type Hints, workspaceHint } from "./hints.ts";
import { WorkerSlots } from "./worker-slots.ts";

export interface ExecutionWorkerOptions {
  jobs: Jobs;
  hints: Hints;
  claim: ClaimDue;
  /** Resolves once this process is done with the run. */
  run: (execution: DueExecution) => Promise<void>;
  /** Runs at once. */
  slots: number;
  onFault: (fault: unknown, where: { executionId?: string }) => void;
}

/** Runs that one claim takes at most, so that workers share a backlog. */
const PER_CLAIM = 25;
/** Hints that are followed at once. */
const HINT_CONCURRENCY = 2;
/** How long a worker waits with its next hint for each run that it has under way, ms, and at most, or where it is ahead. */
const PAUSE_PER_RUN_MS = 2;
const MAX_PAUSE_MS = 50;
/** Slots that become free within this time are filled by one claim, ms. */
const GATHER_MS = 10;
/** When what could not be taken is looked at again, ms, should no run of the workspace end here before. */
const LOOK_AGAIN_MS = 1_000;

/**
 * Follows hints: takes what is due in a workspace, as much as its slots allow, and sends the hint again where more is due,
 * behind those of other workspaces. So workspaces take turns, and so do workers: one that is ahead leaves the hint to the others.
 */
export class ExecutionWorker {
  readonly slots: WorkerSlots;
  readonly #options: ExecutionWorkerOptions;
  /** Workspaces with more due than could be taken. */
  readonly #hungry = new Set<string>();
  readonly #claims = new Set<Promise<unknown>>();
  readonly #soon = new Map<string, NodeJS.Timeout>();
  #gathering: NodeJS.Timeout | undefined;
  readonly #toRefill = new Set<string>();
  /** Hints that wait for a free slot. */
  readonly #waiting = new Set<() => void>();
  #worker: JobWorker | undefined;
  #isStopping = false;
  #taken = 0;

  constructor(options: ExecutionWorkerOptions) {
    this.#options = options;
    this.slots = new WorkerSlots(options.slots);
  }

  /** Runs that were taken since the start. */
  get taken(): number {
    return this.#taken;
  }

  async start(): Promise<void> {
    const { jobs } = this.#options;
    this.#worker = await jobs.work(workspaceHint, ({ workspaceId }) => this.follow(workspaceId), { concurrency: HINT_CONCURRENCY });
  }

  /** Takes what is due in a workspace. Resolves once it is taken, and there is room for another. */
  async follow(workspaceId: string): Promise<void> {
    if (this.#isStopping) throw new HeddleError("unavailable", "This worker is stopping.");
    const { hints } = this.#options;
    const room = Math.min(this.slots.roomFor(workspaceId), PER_CLAIM);
    if (room === 0) {
      this.#waitForMore(workspaceId);
      // Another worker may have room, for this one and for those behind it.
      if (this.slots.taken >= this.slots.total) await new Promise<void>((done) => this.#waiting.add(done));
      return;
    }
    const claiming = this.#claim(workspaceId, room);
    this.#claims.add(claiming);
    const { count, isMoreDue, isAhead } = await claiming.finally(() => this.#claims.delete(claiming));
    if (!isMoreDue) this.#hungry.delete(workspaceId);
    else if (count === room || isAhead) hints.send(workspaceId);
    else this.#waitForMore(workspaceId);
    // Whoever has more under way asks for the next hint later, and so leaves it to those that have less.
    const pause = isAhead ? MAX_PAUSE_MS : Math.min(this.slots.taken * PAUSE_PER_RUN_MS, MAX_PAUSE_MS);
    await sleep(pause, undefined, { ref: false });
  }

  /** Takes what is due without a hint, for as long as none can be sent. Does nothing in a process that is no worker. */
  followSoon(workspaceId: string): void {
    if (this.#worker === undefined || this.#isStopping || this.#soon.has(workspaceId)) return;
    const timer = setTimeout(() => {
      this.#soon.delete(workspaceId);
      this.follow(workspaceId).catch((fault: unknown) => this.#options.onFault(fault, {}));
    }, LOOK_AGAIN_MS);
    this.#soon.set(workspaceId, timer);
  }

  /** Takes nothing more. Resolves once every claim under way has become runs. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#wake();
    clearTimeout(this.#gathering);
    for (const timer of this.#soon.values()) clearTimeout(timer);
    await this.#worker?.close(5_000);
    await Promise.allSettled(this.#claims);
    for (const workspaceId of this.#hungry) this.#options.hints.send(workspaceId);
  }

  async #claim(workspaceId: string, room: number): Promise<{ count: number; isMoreDue: boolean; isAhead: boolean }> {
    const busy = this.slots.taken / this.slots.total;
    this.slots.take(workspaceId, room);
    let count = 0;
    try {
      const { executions, isMoreDue, isAhead } = await this.#options.claim(workspaceId, room, busy);
      count = executions.length;
      this.#taken += count;
      for (const execution of executions) void this.#run(execution);
      return { count, isMoreDue, isAhead };
    } finally {
      this.#free(workspaceId, room - count);
    }
  }

  async #run(execution: DueExecution): Promise<void> {
    const { run, onFault, hints } = this.#options;
    try {
      if (this.#isStopping) {
        await execution.run.release();
        hints.send(execution.workspaceId);
      } else {
        await run(execution);
      }
    } catch (fault) {
      // Runs that others go on with are no news.
      if (!(fault instanceof HeddleError && fault.code === "unavailable")) onFault(fault, { executionId: execution.id });
      await this.#letGo(execution);
    } finally {
      this.#free(execution.workspaceId, 1);
    }
  }

  #free(workspaceId: string, count: number): void {
    if (count === 0) return;
    this.slots.give(workspaceId, count);
    this.#wake();
    if (!this.#hungry.has(workspaceId) || this.#isStopping) return;
    this.#toRefill.add(workspaceId);
    this.#gathering ??= setTimeout(() => {
      this.#gathering = undefined;
      for (const id of this.#toRefill) {
        this.#hungry.delete(id);
        this.#options.hints.send(id);
      }
      this.#toRefill.clear();
    }, GATHER_MS);
  }

  /** Leaves a run that could not go on here to whoever can, instead of holding it until its lease runs out. */
  async #letGo({ run, workspaceId }: DueExecution): Promise<void> {
    const { hints } = this.#options;
    // Where the lease is lost, or the database away, there is nothing to let go of.
    await run.release().catch(() => undefined);
    if (this.#isStopping) hints.send(workspaceId);
    else hints.sendLater(workspaceId, LOOK_AGAIN_MS);
  }

  #wake(): void {
    for (const done of this.#waiting) done();
    this.#waiting.clear();
  }

  #waitForMore(workspaceId: string): void {
    this.#hungry.add(workspaceId);
    this.#options.hints.sendLater(workspaceId, LOOK_AGAIN_MS);
  }
}
