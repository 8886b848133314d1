import type { ExecutionEvent, RunAddress } from "./execution-event.ts";

/** An event as it is kept. */
export interface LogEntry extends ExecutionEvent {
  /**
   * Of a text that was put together from several: the id of each, and how long the text was after it, so that those who
   * have heard a part of it get only the rest.
   */
  parts?: [id: number, length: number][];
}

/** An event and its place among all events of its agent. */
export interface PlacedEvent extends ExecutionEvent {
  /** Opaque; only good for going on after it. */
  position: string;
}

/** What processes tell each other about events. */
export type EventSignal =
  /** There is more to read. */
  | { type: "kept"; runs: string[]; agents: string[] }
  /** A process has watchers of these; it says so again every few seconds. */
  | { type: "watched"; from: string; runs: string[]; agents: string[] }
  /** Asks every process to say at once what it watches. */
  | { type: "asked"; from: string }
  /** Any number of signals may have been lost. */
  | { type: "missed" };

/**
 * What watched runs tell, kept for an hour or so where every process can read it. It serves watchers and nothing else:
 * losing it loses no run, because their steps and outcomes are in the journal.
 */
export interface EventLog {
  /**
   * Keeps events in their order and signals `kept`. Keeping one again does nothing, and neither does keeping what an
   * owner of a run says after the next one has begun.
   */
  keep(entries: readonly LogEntry[]): Promise<void>;
  /** The events of a run after an id, oldest first. */
  ofRun(run: Pick<RunAddress, "workspaceId" | "executionId">, afterId: number, limit: number): Promise<ExecutionEvent[]>;
  /** The events of all runs of an agent after a position, in an order that is the same for all readers. */
  ofAgent(agent: Pick<RunAddress, "workspaceId" | "agentId">, after: string, limit: number): Promise<PlacedEvent[]>;
  /** Where the events of an agent end now. */
  headOf(agent: Pick<RunAddress, "workspaceId" | "agentId">): Promise<string>;
  /** Whether a text, which may come from anywhere, can be a position. */
  isPosition(text: string): boolean;
  /** Tells every process, this one included. */
  signal(signal: Exclude<EventSignal, { type: "missed" }>): Promise<void>;
  subscribe(listener: (signal: EventSignal) => void): () => void;
  close(): Promise<void>;
}

/** What is left of an entry for somebody who has heard everything up to an id. */
export function afterHeard({ parts, ...entry }: LogEntry, afterId: number): ExecutionEvent {
  const heard = parts?.findLast(([id]) => id <= afterId);
  if (heard === undefined || entry.event.type !== "step.delta") return entry;
  return { ...entry, event: { ...entry.event, text: entry.event.text.slice(heard[1]) } };
}

/** Splits ids into signals that fit into one message of PostgreSQL's, which takes less than 8,000 bytes. */
export function inSignals<T extends { runs: string[]; agents: string[] }>(signal: T): T[] {
  const { runs, agents } = signal;
  const signals: T[] = [];
  for (let at = 0; at < Math.max(runs.length, agents.length); at += IDS_PER_SIGNAL)
    signals.push({ ...signal, runs: runs.slice(at, at + IDS_PER_SIGNAL), agents: agents.slice(at, at + IDS_PER_SIGNAL) });
  return signals;
}

const IDS_PER_SIGNAL = 90;
