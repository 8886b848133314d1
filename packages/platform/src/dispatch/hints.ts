import { defineJob, type Jobs } from "@heddle/jobs";
import { z } from "zod";

/** Tells workers that something is due in a workspace. What that is, PostgreSQL knows. */
export const workspaceHint = defineJob({ id: "workspace-hint", payload: z.object({ workspaceId: z.uuid() }), retries: 2 });

export interface HintsOptions {
  jobs: Jobs;
  /** Higher goes first; by the workspace's plan. */
  priorityOf: (workspaceId: string) => number | Promise<number>;
  /** Told of a workspace whose hint can't be sent. */
  onUnsent: (workspaceId: string) => void;
  onFault: (fault: unknown) => void;
}

/** Hints that are due within this time of each other are one, ms. */
const BUCKET_MS = 250;

/**
 * Sends hints, one per workspace at a time: what is asked for while one is on its way is one more afterwards, however
 * often it was asked for. One that can't be sent is forgotten, because the sweep sends it again.
 */
export class Hints {
  readonly #options: HintsOptions;
  /** Workspaces whose hint is on its way, and whether another one is wanted. */
  readonly #sending = new Map<string, { isWantedAgain: boolean }>();
  readonly #underWay = new Set<Promise<unknown>>();

  constructor(options: HintsOptions) {
    this.#options = options;
  }

  /** Something is due now. */
  send(workspaceId: string): void {
    const sending = this.#sending.get(workspaceId);
    if (sending !== undefined) {
      sending.isWantedAgain = true;
      return;
    }
    const state = { isWantedAgain: false };
    this.#sending.set(workspaceId, state);
    const sent = this.#enqueue(workspaceId, workspaceId, 0).finally(() => {
      this.#sending.delete(workspaceId);
      if (state.isWantedAgain) this.send(workspaceId);
    });
    this.#follow(sent);
  }

  /** Something will be due then. */
  sendAt(workspaceId: string, at: Date): void {
    const delayMs = at.getTime() - Date.now();
    if (delayMs <= 0) this.send(workspaceId);
    else this.#follow(this.#enqueue(workspaceId, `${workspaceId}@${Math.ceil(at.getTime() / BUCKET_MS)}`, delayMs));
  }

  /** Something is due that can't be taken just now: looked at again after a moment. */
  sendLater(workspaceId: string, delayMs: number): void {
    this.#follow(this.#enqueue(workspaceId, `${workspaceId}/later`, delayMs));
  }

  /** Resolves once nothing is on its way any more. */
  async settle(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  async #enqueue(workspaceId: string, key: string, delayMs: number): Promise<void> {
    const { jobs, priorityOf, onUnsent, onFault } = this.#options;
    try {
      await jobs.enqueue(workspaceHint, { workspaceId }, { key, delayMs, priority: await priorityOf(workspaceId) });
    } catch (fault) {
      onFault(fault);
      onUnsent(workspaceId);
    }
  }

  #follow(sent: Promise<unknown>): void {
    this.#underWay.add(sent);
    void sent.finally(() => this.#underWay.delete(sent));
  }
}
