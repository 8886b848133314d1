/** Of the slots that other workspaces leave free, one workspace may have this part: the rest is for whoever comes next. */
const SHARE = 3 / 4;

/** How many runs of which workspace a worker has under way. Whoever has taken all it may leaves room for others. */
export class WorkerSlots {
  readonly total: number;
  readonly #held = new Map<string, number>();
  #taken = 0;

  constructor(total: number) {
    this.total = total;
  }

  get taken(): number {
    return this.#taken;
  }

  /** Slots that the workspace may take now. */
  roomFor(workspaceId: string): number {
    const held = this.#held.get(workspaceId) ?? 0;
    const leftByOthers = this.total - (this.#taken - held);
    return Math.max(0, Math.min(this.total - this.#taken, Math.ceil(leftByOthers * SHARE) - held));
  }

  take(workspaceId: string, count: number): void {
    this.#held.set(workspaceId, (this.#held.get(workspaceId) ?? 0) + count);
    this.#taken += count;
  }

  give(workspaceId: string, count: number): void {
    const held = (this.#held.get(workspaceId) ?? 0) - count;
    if (held > 0) this.#held.set(workspaceId, held);
    else this.#held.delete(workspaceId);
    this.#taken -= count;
  }
}
