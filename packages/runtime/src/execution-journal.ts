import type { Json, RunOutcome, StepRecord } from "@heddle/schema";

/**
 * Runs that outlive who runs them: accepted, leased to one owner at a time, journaled, and ended with one outcome. An owner
 * that was overtaken is refused with LeaseLostError, whose name is the same in every implementation, and changes nothing.
 * PostgreSQL fulfils it for servers, {@link MemoryExecutions} for agents without a database; one suite holds both to it.
 */
export interface ExecutionJournal {
  /** Names this journal's leases. */
  readonly owner: string;
  /** Begins a run of this owner, which others can take over once {@link LeasedJournal.accepted} has resolved. */
  begin(request: JournaledRequest, onInterrupt?: (why: "cancelled" | "lost") => void): LeasedJournal;
  /** Begins a run and waits for its acceptance, which rejects where its id is taken. */
  accept(request: JournaledRequest, onInterrupt?: (why: "cancelled" | "lost") => void): Promise<LeasedJournal>;
  /** Accepts a run for whoever claims it. */
  enqueue(request: JournaledRequest): Promise<void>;
  /** Takes over runs that nobody started, whose owner is gone, or whose time has come: those that are due longest go first. */
  claim(limit: number, onInterrupt?: (executionId: string, why: "cancelled" | "lost") => void): Promise<TakenRun[]>;
  /** Takes every other owner for dead, so that its runs can be claimed at once. */
  outlive(): Promise<void>;
  /** What stands of a run's records, in the order in which they were made. */
  loadSteps(workspaceId: string, executionId: string): Promise<StepRecord[]>;
  close(): void;
}

/** What somebody who does not own a run may ask and do. */
export interface ExecutionControl {
  /** Ends a wait, once, and makes its run due where it is suspended. @returns false where it has ended before, or never began */
  resolveWait(answer: WaitAnswer): Promise<boolean>;
  /** Asks the run's owner, the next one where it has none, to cancel it. */
  requestCancel(workspaceId: string, executionId: string): Promise<void>;
  /** @returns undefined where there is no such run, or no longer */
  stateOf(workspaceId: string, executionId: string): Promise<ExecutionState | undefined>;
}

/** A run to be accepted. */
export interface JournaledRequest {
  id: string;
  workspaceId: string;
  agentId: string;
  /** What brought it in. */
  trigger: string;
  /** Id of the trigger's node; the first that fits when absent. */
  triggerNode?: string | null;
  deploymentId?: string | null;
  version?: number | null;
  /** The document of a draft. */
  config?: Json;
  conversationId?: string | null;
  actor?: string | null;
  input: Json;
  startedAt: Date;
  /** Of one that is enqueued: not to be started before. */
  availableAt?: Date | null;
}

/** The journal of one run, for as long as its owner holds the lease. What throws LeaseLostError has written nothing. */
export interface LeasedJournal {
  readonly executionId: string;
  readonly workspaceId: string;
  /** Counts the owners that the run has had, this one included. */
  readonly epoch: number;
  accepted(): Promise<void>;
  /** Records a step's outcome, which the next owner is sure to get once {@link flush} has resolved. */
  append(step: StepRecord): void;
  flush(): Promise<void>;
  /** Writes the outcome and the remaining steps together. Of all that call it, one succeeds. */
  finish(outcome: RunOutcome): Promise<void>;
  /** Notes that a step waits while others go on, so that its answer can come meanwhile. */
  openWait(wait: JournaledWait): Promise<void>;
  /** Puts the run away until it is time or an answer comes; one that has come already makes it due at once. */
  suspend(waits: readonly JournaledWait[], wakeAt: Date | null): Promise<void>;
  /** Counts a failed attempt and lets go of the run, to be taken again from then on. */
  retryAt(at: Date, error: unknown): Promise<void>;
  /** Gives the run up, so that another owner can take it at once. */
  release(): Promise<void>;
}

/** A run that was taken over, with everything needed to go on. */
export interface TakenRun extends Required<Omit<JournaledRequest, "config" | "availableAt">> {
  config: Json;
  epoch: number;
  /** Attempts that failed before. */
  attempt: number;
  isCancelled: boolean;
  recorded: StepRecord[];
  /** Answers that came to what it waited for. */
  resolutions: AnsweredWait[];
  run: LeasedJournal;
}

/** A wait, as it is kept. */
export interface JournaledWait {
  /** The step that waits. */
  key: string;
  nodeId: string;
  kind: "time" | "webhook" | "approval";
  /** ms since the epoch */
  dueAt: number | null;
  /** What is asked for: title, message, form. */
  request: Json;
}

/** How a wait was ended. */
export interface AnsweredWait {
  /** The step that waits. */
  key: string;
  resolution: Json;
  resolvedBy: string | null;
}

export interface WaitAnswer extends AnsweredWait {
  workspaceId: string;
  executionId: string;
}

/** Where a run stands. */
export interface ExecutionState {
  status: "PENDING" | "RUNNING" | "WAITING" | "COMPLETED" | "FAILED" | "CANCELLED";
  /** Of a completed run; null otherwise. */
  output: Json;
  /** Of a run that failed or was cancelled, or of the attempt that did last; null otherwise. */
  error: Json;
}
