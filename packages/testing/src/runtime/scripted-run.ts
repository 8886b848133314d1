import type { StepServices } from "@heddle/node-kit";
import { compileAgent, MemoryJournal, runAgent, type RunOptions } from "@heddle/runtime";
import type { AgentDocument, RunEvent, RunOutcome, RunSuspension, StepRecord } from "@heddle/schema";
import { scriptedHandlers, scriptedRegistry, type Script } from "./scripted-nodes.ts";
import { settle, VirtualClock } from "./virtual-clock.ts";

/** A run of a scripted document, under way. */
export interface ScriptedRun {
  outcome: Promise<RunOutcome | RunSuspension>;
  events: RunEvent[];
  journal: MemoryJournal;
  clock: VirtualClock;
  /** What the runtime reported but kept out of the outcome. */
  faults: unknown[];
  cancel: (reason?: unknown) => void;
}

/** Starts a document of `scriptedRegistry` with in-memory ports, a clock that stands still and no randomness. */
export function startScriptedRun(
  document: AgentDocument,
  scripts: Record<string, Script> = {},
  options: Partial<RunOptions> & { recorded?: StepRecord[]; clock?: VirtualClock } = {},
): ScriptedRun {
  const { recorded, clock = new VirtualClock(), ...rest } = options;
  const journal = new MemoryJournal(recorded);
  const events: RunEvent[] = [];
  const faults: unknown[] = [];
  const cancellation = new AbortController();
  const outcome = runAgent(compileAgent(document, scriptedRegistry), {
    input: null,
    run: { executionId: "execution", agentId: "agent", workspaceId: "workspace", startedAt: clock.now(), isDeployed: false },
    // Scripted nodes use no service; one that does fails loudly.
    services: {} as StepServices,
    handlers: scriptedHandlers(scripts),
    journal,
    clock,
    random: () => 1,
    signal: cancellation.signal,
    onEvent: (event) => events.push(event),
    onFault: (fault) => faults.push(fault),
    ...rest,
  });
  // A run that a test expects to be stopped is looked at only later.
  outcome.catch(() => {});
  return { outcome, events, journal, clock, faults, cancel: (reason) => cancellation.abort(reason) };
}

/** Runs a document whose handlers need no help to end. */
export async function runScripted(
  ...args: Parameters<typeof startScriptedRun>
): Promise<Omit<ScriptedRun, "outcome"> & { outcome: RunOutcome | RunSuspension }> {
  const run = startScriptedRun(...args);
  return { ...run, outcome: await run.outcome };
}

/** Lets a run get as far as it can without time or outside help. */
export { settle };

/** Events in short, for tables: `started a`, `completed a`, `finished`. Deltas and retries keep what they say. */
export function inShort(events: readonly RunEvent[]): string[] {
  return events.flatMap((event) => {
    const name = event.type.slice(event.type.indexOf(".") + 1);
    if (event.type === "run.started") return [];
    if (event.type === "run.finished") return [`run ${event.outcome.status}`];
    if (event.type === "run.waiting") return ["run waiting"];
    const key = event.key.endsWith("#") ? event.nodeId : event.key;
    if (event.type === "step.delta") return [`${key}: ${event.text}`];
    if (event.type === "step.retrying") return [`retrying ${key} in ${event.delayMs}`];
    if (event.type === "step.progress") return [`${key} ${event.done}/${event.total ?? "?"}`];
    return [`${name} ${key}`];
  });
}
