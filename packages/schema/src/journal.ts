import type { ErrorInfo } from "./error.ts";
import type { Json } from "./json.ts";

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
   * Stable name of this run of a node: `node#` followed by the iteration path (`triage#`, `send#3`, `send#3.0`),
   * and `/name` for what a step does inside itself (`answer#/call:0`, `answer#/tool:0:lookup`).
   */
  key: string;
  nodeId: string;
  /** ms since the epoch */
  startedAt: number;
  durationMs: number;
  /** Tries made, at least 1 unless skipped. */
  attempts: number;
  modelCalls?: ModelCall[];
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

/** What a run tells while it goes. `at` is ms since the epoch. */
export type RunEvent =
  | { type: "run.started"; at: number }
  | { type: "step.started"; at: number; key: string; nodeId: string }
  | { type: "step.delta"; at: number; key: string; nodeId: string; text: string }
  | { type: "step.retrying"; at: number; key: string; nodeId: string; attempt: number; delayMs: number; error: ErrorInfo }
  | { type: "step.completed"; at: number; key: string; nodeId: string; step: StepRecord }
  | { type: "step.failed"; at: number; key: string; nodeId: string; step: StepRecord }
  | { type: "step.skipped"; at: number; key: string; nodeId: string }
  | { type: "run.finished"; at: number; outcome: RunOutcome };
