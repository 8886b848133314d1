/** What goes to a sandbox process: one run at a time. */
export interface RunMessage {
  id: number;
  language: "javascript" | "typescript";
  source: string;
  /** JSON text. */
  input: string;
  timeoutMs: number;
  memoryMb: number;
  /** Characters of the returned value's JSON text. */
  maxResultLength: number;
}

/** What a run ended as. `line` counts from 1 in the person's own source. */
export type RunReport =
  | { status: "completed"; /** `{"value": …, "logs": […]}` as JSON text, not to be trusted. */ result: string }
  | { status: "failed"; name: string; message: string; line?: number; hint?: string; logs: string[] }
  | { status: "timed-out" }
  | { status: "out-of-memory" }
  | { status: "too-large" }
  /** The process ended for no reason that the code could give it. */
  | { status: "crashed" };

/** What comes back. `ready` is said once, when the engine is loaded. */
export type ProcessMessage = { type: "ready" } | { type: "report"; id: number; report: RunReport };
