import type { ErrorInfo } from "./error.ts";
import type { Json, JsonSchema } from "./json.ts";

/** Tokens of one or more model calls. */
export interface TokenUsage {
  inputTokens: number;
  outputTokens: number;
}

/** One model call, as it is billed and shown. `costUsd` is absent where no price is known. */
export interface ModelCall {
  provider: string;
  model: string;
  usage: TokenUsage;
  costUsd?: number;
  durationMs: number;
}

interface StepBase {
  /**
   * Stable name of this run of a node: `node#` followed by the iteration path (`triage#`, `send#3`, `send#3.0`) and, from
   * the second time on that a go-to led back to it, its generation (`draft#~2`, `draft#3~2`); then `/name` for what a step
   * does inside itself (`answer#/call:0`, `answer#/tool:0:lookup`, and another agent's steps: `ask#/agent/triage#`).
   */
  key: string;
  nodeId: string;
  /**
   * Place in the order in which the run took note of its outcomes, from 0. It decides what a merge passes on and how state
   * came about, so a resumed run decides alike. Absent in journals from before it was introduced.
   */
  order?: number;
  /** ms since the epoch */
  startedAt: number;
  durationMs: number;
  /** Tries made, at least 1 unless skipped. */
  attempts: number;
  modelCalls?: ModelCall[];
  /** Updates of the run's state, applied in the order of the outcomes. */
  state?: StateUpdate[];
  /** True where its duration holds other steps' time or waiting: a loop, another agent, a wait. It is not time at work. */
  isEnvelope?: true;
  /** Rounds that were made inside it, at any depth. */
  rounds?: number;
}

/** A value for one of the document's state fields; its reducer says how it joins what is there. */
export interface StateUpdate {
  name: string;
  value: Json;
}

/** The recorded outcome of a step. A step that has one is never run again when the run is resumed. */
export type StepRecord =
  | (StepBase & { status: "completed"; output: Json; /** Output ports that were taken. */ ports: string[] })
  | (StepBase & {
      status: "failed";
      error: ErrorInfo;
      /** Where the flow went on, if it did: `error` or, on continue, the normal ports. */ ports: string[];
      output?: Json;
    });

/** What a run ended as. Exactly one per execution. */
export type RunOutcome =
  | { status: "completed"; output: Json; usage: TokenUsage; steps: number; durationMs: number }
  | { status: "failed"; error: ErrorInfo; usage: TokenUsage; steps: number; durationMs: number }
  | { status: "cancelled"; error: ErrorInfo; usage: TokenUsage; steps: number; durationMs: number };

/** What a step waits for. `dueAt`, ms since the epoch, is when a time wait ends and when the others give up. */
export type WaitRequest =
  | { kind: "time"; dueAt: number }
  /** One request to an address of its own. */
  | { kind: "webhook"; dueAt?: number }
  /** A decision of a person, who may fill in a form. */
  | { kind: "approval"; title: string; message?: string; /** An object with fields of simple types. */ form?: JsonSchema; dueAt?: number };

/** A wait that has not ended; `key` is the key of the step that waits. */
export type PendingWait = WaitRequest & { key: string; nodeId: string };

/** How a wait ended. `at` is ms since the epoch. */
export type WaitResolution =
  /** `dueAt` passed: the end of a time wait, the deadline of the others. */
  | { outcome: "due"; at: number }
  /** The request that a webhook wait was for. */
  | { outcome: "received"; at: number; value: Json }
  | { outcome: "approved" | "rejected"; at: number; /** What the form was filled with. */ values: Json; /** Who decided. */ by?: string };

/** A run of which nothing can go on before one of its waits ends. It has no outcome; it is resumed from its journal. */
export interface RunSuspension {
  status: "waiting";
  /** At least one. */
  waits: PendingWait[];
  /** The first moment at which one of them is due, ms since the epoch; absent where none ever is. */
  wakeAt?: number;
  usage: TokenUsage;
  steps: number;
  durationMs: number;
}

/** What a run tells while it goes. `at` is ms since the epoch. */
export type RunEvent =
  | { type: "run.started"; at: number }
  | { type: "step.started"; at: number; key: string; nodeId: string }
  | { type: "step.delta"; at: number; key: string; nodeId: string; text: string }
  | { type: "step.retrying"; at: number; key: string; nodeId: string; attempt: number; delayMs: number; error: ErrorInfo }
  /** Rounds of a loop, a map or a node that runs per item, now and then; `total` where it is known. */
  | { type: "step.progress"; at: number; key: string; nodeId: string; done: number; total?: number }
  | { type: "step.waiting"; at: number; key: string; nodeId: string; wait: PendingWait }
  | { type: "step.completed"; at: number; key: string; nodeId: string; step: StepRecord }
  | { type: "step.failed"; at: number; key: string; nodeId: string; step: StepRecord }
  | { type: "step.skipped"; at: number; key: string; nodeId: string }
  /** Nothing can go on; the run ends here for now, without an outcome. */
  | { type: "run.waiting"; at: number; waits: PendingWait[] }
  | { type: "run.finished"; at: number; outcome: RunOutcome };
