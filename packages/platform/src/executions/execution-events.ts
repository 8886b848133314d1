import type { RunEvent } from "@heddle/schema";

/** An event of a run, as watchers get it. `id` counts from 1 within the execution. */
export interface ExecutionEvent {
  id: number;
  executionId: string;
  agentId: string;
  event: RunEvent;
}
export type ExecutionListener = (event: ExecutionEvent) => void;

/** How many events of a run are kept for those who start to watch late; older ones are dropped first. */
const KEPT_EVENTS = 2_000;

interface Channel {
  agentId: string;
  workspaceId: string;
  next: number;
  kept: ExecutionEvent[];
  listeners: Set<ExecutionListener>;
}

/** Carries the events of the runs of this process to those who watch them. */
export class ExecutionEvents {
  readonly #runs = new Map<string, Channel>();
  readonly #agents = new Map<string, Set<ExecutionListener>>();

  /** Opens the channel of a run that begins. */
  open(executionId: string, agentId: string, workspaceId: string): (event: RunEvent) => void {
    const channel: Channel = { agentId, workspaceId, next: 1, kept: [], listeners: new Set() };
    this.#runs.set(executionId, channel);
    return (event) => this.#publish(executionId, channel, event);
  }

  /** Forgets a run that has ended; those who watch it have been told by its last event. */
  close(executionId: string): void {
    this.#runs.delete(executionId);
  }

  /** Whether anyone watches all runs of this agent. */
  isAgentWatched(agentId: string): boolean {
    return this.#agents.has(agentId);
  }

  /** The workspace of a run that goes on in this process. */
  workspaceOf(executionId: string): string | undefined {
    return this.#runs.get(executionId)?.workspaceId;
  }

  /**
   * Watches one run from its beginning, or from after an event that the caller has seen already.
   * Undefined where the run is not going on in this process.
   */
  watchExecution(executionId: string, listener: ExecutionListener, afterId = 0): (() => void) | undefined {
    const channel = this.#runs.get(executionId);
    if (!channel) return undefined;
    for (const event of channel.kept) if (event.id > afterId) listener(event);
    channel.listeners.add(listener);
    return () => channel.listeners.delete(listener);
  }

  /** Watches every run of an agent that begins from now on. */
  watchAgent(agentId: string, listener: ExecutionListener): () => void {
    const listeners = this.#agents.get(agentId) ?? new Set();
    this.#agents.set(agentId, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#agents.delete(agentId);
    };
  }

  #publish(executionId: string, channel: Channel, event: RunEvent): void {
    const message = { id: channel.next++, executionId, agentId: channel.agentId, event };
    channel.kept.push(message);
    if (channel.kept.length > KEPT_EVENTS) channel.kept.shift();
    for (const listener of channel.listeners) listener(message);
    for (const listener of this.#agents.get(channel.agentId) ?? []) listener(message);
  }
}
