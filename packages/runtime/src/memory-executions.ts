import { standingSteps, type StepRecord } from "@heddle/schema";
import type {
  ExecutionControl, ExecutionJournal, ExecutionState, JournaledRequest, TakenRun, WaitAnswer,
} from "./execution-journal.ts"; // prettier-ignore
import { HeldRun } from "./held-run.ts";
import { clone, isOver, type MemoryRun, newRun, readRun, type SavedRun, saveRun } from "./memory-run.ts";
import type { Clock } from "./ports.ts";

export interface MemoryExecutionsOptions {
  clock: Pick<Clock, "now">;
  /** How many runs that have ended are kept, those that ended last; 100 by default. */
  keepEnded?: number;
  /** What {@link MemoryExecutions.toJSON} gave in a life before. Whoever owned runs then is gone. */
  saved?: SavedExecutions;
}

/** Everything that {@link MemoryExecutions} keeps. It is JSON. */
export interface SavedExecutions {
  format: 1;
  runs: SavedRun[];
}

const KEEP_ENDED = 100;

/**
 * Runs in memory, for agents without a database and for tests. It forgets with its process, unless it is written down as
 * JSON after what must not be lost, a flush or an acceptance say, and restored from that.
 * A lease is held until its journal lets go of it, closes, or is outlived: nobody but this process can own a run.
 */
export class MemoryExecutions implements ExecutionControl {
  readonly #clock: Pick<Clock, "now">;
  readonly #keepEnded: number;
  /** Those that have ended last stand last. */
  readonly #runs = new Map<string, MemoryRun>();
  #owners = 0;
  #ended = 0;

  constructor({ clock, keepEnded = KEEP_ENDED, saved }: MemoryExecutionsOptions) {
    this.#clock = clock;
    this.#keepEnded = keepEnded;
    for (const run of saved?.runs ?? []) this.#restore(run);
    this.#forgetEnded();
  }

  /** Another owner of runs. */
  open(): ExecutionJournal {
    this.#owners += 1;
    const owner = `memory-${this.#owners}`;
    const begin: ExecutionJournal["begin"] = (request, onInterrupt) => {
      const run = newRun(request);
      const isNew = this.#add(run);
      if (isNew) lease(run, owner, onInterrupt);
      return this.#hold(run, isNew ? undefined : takenId(request));
    };
    return {
      owner,
      begin,
      accept: async (request, onInterrupt) => {
        const run = begin(request, onInterrupt);
        await run.accepted();
        return run;
      },
      enqueue: async (request) => {
        const run = newRun(request);
        run.dueAt = request.availableAt?.getTime() ?? this.#clock.now();
        if (!this.#add(run)) throw takenId(request);
      },
      claim: async (limit, onInterrupt) => {
        const due = [...this.#runs.values()].filter((run) => run.dueAt !== null && run.dueAt <= this.#clock.now());
        due.sort((a, b) => (a.dueAt ?? 0) - (b.dueAt ?? 0));
        return due.slice(0, limit).map((run) => {
          lease(run, owner, onInterrupt && ((why) => onInterrupt(run.request.id, why)));
          return this.#take(run);
        });
      },
      outlive: async () => this.#letGo((run) => run.owner !== owner),
      loadSteps: async (workspaceId, executionId) => stepsOf(this.#find(workspaceId, executionId)),
      close: () => this.#letGo((run) => run.owner === owner),
    };
  }

  async resolveWait({ workspaceId, executionId, key, resolution, resolvedBy }: WaitAnswer): Promise<boolean> {
    const run = this.#find(workspaceId, executionId);
    const wait = run?.waits.get(key);
    if (run === undefined || wait === undefined || isOver(run) || wait.answer !== undefined) return false;
    wait.answer = clone({ key, resolution, resolvedBy });
    if (run.status === "WAITING") run.dueAt = this.#clock.now();
    return true;
  }

  async requestCancel(workspaceId: string, executionId: string): Promise<void> {
    const run = this.#find(workspaceId, executionId);
    if (run === undefined || isOver(run)) return;
    run.isCancelled = true;
    if (run.owner !== null) run.onInterrupt?.("cancelled");
  }

  async stateOf(workspaceId: string, executionId: string): Promise<ExecutionState | undefined> {
    const run = this.#find(workspaceId, executionId);
    return run && clone({ status: run.status, output: run.output, error: run.error });
  }

  /** Everything there is, to be restored by another life. */
  toJSON(): SavedExecutions {
    return { format: 1, runs: [...this.#runs.values()].map(saveRun) };
  }

  #find(workspaceId: string, executionId: string): MemoryRun | undefined {
    const run = this.#runs.get(executionId);
    return run?.request.workspaceId === workspaceId ? run : undefined;
  }

  #add(run: MemoryRun): boolean {
    if (this.#runs.has(run.request.id)) return false;
    this.#runs.set(run.request.id, run);
    return true;
  }

  #restore(saved: SavedRun): void {
    const run = readRun(saved);
    if (run.status === "RUNNING") run.dueAt = this.#clock.now();
    this.#add(run);
    if (isOver(run)) this.#ended += 1;
  }

  #letGo(isMeant: (run: MemoryRun) => boolean): void {
    for (const run of this.#runs.values())
      if (run.status === "RUNNING" && run.dueAt === null && isMeant(run)) run.dueAt = this.#clock.now();
  }

  #take(run: MemoryRun): TakenRun {
    const { epoch, attempt, isCancelled } = run;
    const answers = [...run.waits.values()].flatMap(({ answer }) => (answer === undefined ? [] : [answer]));
    const request = requestOf(run);
    return { ...request, epoch, attempt, isCancelled, recorded: stepsOf(run), resolutions: clone(answers), run: this.#hold(run) };
  }

  #hold(run: MemoryRun, refusal?: Error): HeldRun {
    return new HeldRun({ run, epoch: run.epoch, refusal, clock: this.#clock, onEnded: () => this.#end(run) });
  }

  #end(run: MemoryRun): void {
    this.#runs.delete(run.request.id);
    this.#runs.set(run.request.id, run);
    this.#ended += 1;
    this.#forgetEnded();
  }

  #forgetEnded(): void {
    if (this.#ended <= this.#keepEnded) return;
    for (const [id, run] of this.#runs) {
      if (!isOver(run)) continue;
      this.#runs.delete(id);
      this.#ended -= 1;
      if (this.#ended <= this.#keepEnded) return;
    }
  }
}

function lease(run: MemoryRun, owner: string, onInterrupt: MemoryRun["onInterrupt"]): void {
  run.onInterrupt?.("lost");
  Object.assign(run, { owner, onInterrupt, status: "RUNNING", dueAt: null, epoch: run.epoch + 1 } satisfies Partial<MemoryRun>);
}

function takenId({ id }: JournaledRequest): Error {
  return new Error(`There is an execution ${id} already.`);
}

function stepsOf(run: MemoryRun | undefined): StepRecord[] {
  return standingSteps((run?.steps ?? []).map((step) => JSON.parse(step) as StepRecord));
}

function requestOf({ request }: MemoryRun): Omit<TakenRun, "epoch" | "attempt" | "isCancelled" | "recorded" | "resolutions" | "run"> {
  const { startedAt, ...kept } = request;
  return { ...clone(kept), startedAt: new Date(startedAt) };
}
