import { HeddleError, type RunEvent, type RunOutcome, type RunSuspension } from "@heddle/schema";
import type { CompiledAgent } from "./compiled-agent.ts";
import type { RunOptions } from "./ports.ts";
import { runAgent } from "./run-agent.ts";

/**
 * Executes an agent and yields what it tells; the last event is `run.finished` or `run.waiting`, and the generator returns what the run
 * came to.
 * Leaving the loop early cancels the run.
 * @throws HeddleError as {@link runAgent} does
 */
export async function* streamAgent(
  agent: CompiledAgent,
  options: RunOptions,
): AsyncGenerator<RunEvent, RunOutcome | RunSuspension, undefined> {
  const events: RunEvent[] = [];
  let wake = () => {};
  let isOver = false;
  const abandonment = new AbortController();
  const forward = () => abandonment.abort(options.signal.reason);
  if (options.signal.aborted) forward();
  else options.signal.addEventListener("abort", forward, { once: true });

  const outcome = runAgent(agent, {
    ...options,
    signal: abandonment.signal,
    onEvent: (event) => {
      events.push(event);
      wake();
      options.onEvent?.(event);
    },
  });
  const end = () => {
    isOver = true;
    wake();
  };
  outcome.then(end, end);

  try {
    for (;;) {
      for (let event = events.shift(); event !== undefined; event = events.shift()) yield event;
      if (isOver) return await outcome;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  } finally {
    options.signal.removeEventListener("abort", forward);
    if (!isOver) abandonment.abort(new HeddleError("run_cancelled", "Nobody waits for the run any more."));
  }
}
