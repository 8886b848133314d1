import type { Database } from "@heddle/db";

/** What is told of an execution. */
export type ExecutionEventType = "execution.completed" | "execution.failed" | "execution.cancelled";

/**
 * Which workspaces have somebody who waits for events of their executions, so that a run of a workspace without any costs
 * nothing for it. Kept in memory and told of changes by the feed; while it is not known, everybody is taken for waiting.
 */
export class ExecutionSubscribers {
  readonly #db: Database;
  readonly #onFault: (fault: unknown) => void;
  readonly #unsubscribe: () => void;
  #events = new Map<string, Set<string>>();
  /** Counts loads of everything; the set is known once the last one has ended. */
  #wantedLoad = 0;
  #doneLoad = -1;
  /** Loads under way of one workspace, by workspace. */
  readonly #loading = new Map<string, number>();
  #retry: NodeJS.Timeout | undefined;

  constructor(db: Database, onFault: (fault: unknown) => void) {
    this.#db = db;
    this.#onFault = onFault;
    this.#unsubscribe = db.changes.subscribe((event) => {
      if (event.kind === "missed") this.#loadAll();
      else if (event.workspaceId !== undefined && ["subscriber", "deployment", "agent"].includes(event.kind))
        this.#loadOne(event.workspaceId);
    });
    this.#loadAll();
  }

  wants(workspaceId: string, event: ExecutionEventType): boolean {
    if (this.#doneLoad !== this.#wantedLoad || this.#loading.has(workspaceId)) return true;
    return this.#events.get(workspaceId)?.has(event) ?? false;
  }

  close(): void {
    clearTimeout(this.#retry);
    this.#unsubscribe();
  }

  #loadAll(): void {
    const load = ++this.#wantedLoad;
    clearTimeout(this.#retry);
    const read = async (): Promise<void> => {
      await this.#db.changes.ready();
      const events = byWorkspace(await this.#read(null));
      if (load !== this.#wantedLoad) return;
      this.#events = events;
      this.#doneLoad = load;
    };
    read().catch((fault: unknown) => {
      this.#onFault(fault);
      if (load === this.#wantedLoad) this.#retry = setTimeout(() => this.#loadAll(), RETRY_AFTER_MS).unref();
    });
  }

  #loadOne(workspaceId: string): void {
    const load = (this.#loading.get(workspaceId) ?? 0) + 1;
    this.#loading.set(workspaceId, load);
    this.#read(workspaceId).then(
      (rows) => {
        if (this.#loading.get(workspaceId) !== load) return;
        const events = byWorkspace(rows).get(workspaceId);
        if (events) this.#events.set(workspaceId, events);
        else this.#events.delete(workspaceId);
        this.#loading.delete(workspaceId);
      },
      (fault: unknown) => {
        this.#onFault(fault);
        if (this.#loading.get(workspaceId) !== load) return;
        this.#loading.delete(workspaceId);
        this.#loadAll();
      },
    );
  }

  async #read(workspaceId: string | null): Promise<SubscriberRow[]> {
    const { rows } = await this.#db.pools.app.query<SubscriberRow>(
      'SELECT workspace_id AS "workspaceId", events FROM heddle_execution_subscribers($1)',
      [workspaceId],
    );
    return rows;
  }
}

const RETRY_AFTER_MS = 1_000;

interface SubscriberRow {
  workspaceId: string;
  events: string[];
}

function byWorkspace(rows: SubscriberRow[]): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const { workspaceId, events } of rows) {
    const known = found.get(workspaceId) ?? new Set();
    for (const event of events) known.add(event);
    found.set(workspaceId, known);
  }
  return found;
}
