import type { Json, StepRecord } from "@heddle/schema";
import type { AnsweredWait, ExecutionState, JournaledRequest, JournaledWait, TakenRun } from "./execution-journal.ts";

/** A request as it is kept: everything named, its time as ms since the epoch. */
type KeptRequest = Omit<TakenRun, "epoch" | "attempt" | "isCancelled" | "recorded" | "resolutions" | "run" | "startedAt"> & {
  startedAt: number;
};

/** A wait, and its answer once it has one. */
interface KeptWait {
  wait: JournaledWait;
  answer?: AnsweredWait;
}

/** A run in memory. */
export interface MemoryRun extends ExecutionState {
  request: KeptRequest;
  epoch: number;
  owner: string | null;
  /** When it can be taken, ms since the epoch; null while it is owned and where only an answer wakes it. */
  dueAt: number | null;
  attempt: number;
  isCancelled: boolean;
  /** Each as JSON text, so that nobody changes what was recorded. */
  steps: string[];
  /** By step. */
  waits: Map<string, KeptWait>;
  onInterrupt?: ((why: "cancelled" | "lost") => void) | undefined;
}

/** A run as JSON. */
export type SavedRun = Omit<MemoryRun, "owner" | "steps" | "waits" | "onInterrupt"> & { steps: StepRecord[]; waits: KeptWait[] };

export function newRun(request: JournaledRequest): MemoryRun {
  const { id, workspaceId, agentId, trigger, input } = request;
  return {
    request: clone({
      id,
      workspaceId,
      agentId,
      trigger,
      triggerNode: request.triggerNode ?? null,
      deploymentId: request.deploymentId ?? null,
      version: request.version ?? null,
      config: request.config ?? null,
      conversationId: request.conversationId ?? null,
      actor: request.actor ?? null,
      input,
      startedAt: request.startedAt.getTime(),
    }),
    status: "PENDING",
    output: null,
    error: null,
    epoch: 0,
    owner: null,
    dueAt: null,
    attempt: 0,
    isCancelled: false,
    steps: [],
    waits: new Map(),
  };
}

/** Whether it has its outcome. */
export function isOver({ status }: Pick<MemoryRun, "status">): boolean {
  return status === "COMPLETED" || status === "FAILED" || status === "CANCELLED";
}

export function saveRun({ owner: _owner, onInterrupt: _onInterrupt, steps, waits, ...run }: MemoryRun): SavedRun {
  return clone({ ...run, steps: steps.map((step) => JSON.parse(step) as StepRecord), waits: [...waits.values()] });
}

export function readRun(saved: SavedRun): MemoryRun {
  const { steps, waits, ...run } = clone(saved);
  return {
    ...run,
    owner: null,
    steps: steps.map((step) => JSON.stringify(step)),
    waits: new Map(waits.map((kept) => [kept.wait.key, kept])),
  };
}

/** What is left of a value when it is written as JSON, which is what a database would keep of it. */
export function clone<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

/** A fault's fields, which an Error does not show by itself. */
export function toJson(value: unknown): Json {
  return value === undefined ? null : (clone(value) as Json);
}
