import type { ExecutionResult, ProblemDocument, RunEvent } from "@heddle/schema";
import type { StreamEvent } from "./event-stream.ts";
import { ProblemError, toProblem } from "./problem.ts";
import { openStream, type OpenedStream, type RestOptions } from "./rest.ts";

/** What a run tells, as the API puts it. */
export interface ExecutionMessage {
  executionId: string;
  event?: RunEvent;
  result?: ExecutionResult;
  error?: ProblemDocument;
}

export interface ExecutionStreamOptions {
  /** Begins the run, and tells its events from the first one on. */
  path: string;
  body: unknown;
  signal: AbortSignal;
  /** The run exists from now on. */
  onExecution: (executionId: string) => void;
  /** Whether the connection is lost just now, and looked for. */
  onReconnecting: (isReconnecting: boolean) => void;
  /** How streams are opened, and how long is waited between attempts; tests have their own. */
  open?: (path: string, options: RestOptions) => Promise<OpenedStream>;
  pause?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** How long to wait before each attempt in a row, ms; after the last one it is given up. Two minutes in all. */
const RETRY_AFTER_MS = [250, 500, 1_000, 2_000, 4_000, ...Array.from({ length: 22 }, () => 5_000)];

/**
 * Begins a run and tells it to its end. Where the connection breaks, it is opened again after the last event that came:
 * nothing is lost and nothing comes twice.
 * @throws ProblemError where the run could not be begun, may not be watched any more, or the server stays away
 */
export async function* executionStream(options: ExecutionStreamOptions): AsyncGenerator<ExecutionMessage> {
  const { path, body, signal, onExecution, onReconnecting, open = openStream, pause = pauseFor } = options;
  let executionId: string | undefined;
  let lastEventId: string | undefined;
  let failures = 0;
  const begin = (): Promise<OpenedStream> => {
    if (executionId === undefined) return open(path, { body, signal });
    const after = lastEventId === undefined ? {} : { headers: { "last-event-id": lastEventId } };
    return open(`/api/executions/${executionId}/events`, { ...after, signal });
  };
  for (;;) {
    let fault: unknown;
    try {
      const { response, events } = await begin();
      const named = response.headers.get("x-execution-id");
      if (executionId === undefined && named !== null) onExecution((executionId = named));
      onReconnecting(false);
      // Everything was heard, the end too.
      if (response.status === 204) return;
      for await (const event of events) {
        failures = 0;
        const message = read(event);
        if (executionId === undefined) onExecution((executionId = message.executionId));
        lastEventId = event.id ?? lastEventId;
        yield message;
        if (event.event === "agent.execution.completed" || event.event === "agent.execution.failed") return;
      }
    } catch (error) {
      fault = error;
    }
    if (signal.aborted) throw fault ?? signal.reason;
    // Without its id a run can't be found again; and what was refused is refused the next time too.
    const wait = RETRY_AFTER_MS[failures++];
    if (executionId === undefined || isRefused(fault) || wait === undefined) throw fault ?? new TypeError("network error");
    onReconnecting(true);
    await pause(wait, signal);
  }
}

function read({ event, data }: StreamEvent): ExecutionMessage {
  if (event === "problem") throw new ProblemError(JSON.parse(data) as ProblemDocument);
  return JSON.parse(data) as ExecutionMessage;
}

function isRefused(fault: unknown): boolean {
  if (fault === undefined) return false;
  const { status } = toProblem(fault);
  return status >= 400 && status < 500 && status !== 408 && status !== 429;
}

/** Resolves after `ms`, or at once when the browser is online again. Rejects when it is aborted. */
function pauseFor(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const finish = (settle: () => void) => {
      clearTimeout(timer);
      window.removeEventListener("online", onOnline);
      signal.removeEventListener("abort", onAbort);
      settle();
    };
    const onOnline = () => finish(resolve);
    const onAbort = () => finish(() => reject(signal.reason as Error));
    const timer = setTimeout(onOnline, ms);
    window.addEventListener("online", onOnline);
    signal.addEventListener("abort", onAbort);
  });
}
