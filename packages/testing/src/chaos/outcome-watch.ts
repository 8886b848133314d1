import { Client } from "pg";

export interface OutcomeRow {
  id: string;
  status: string;
  token: string | null;
  trigger: string;
  /** When a tick was due, of a run that the clock started. */
  scheduledAt: string | null;
  output: unknown;
  errorCode: string | null;
  /** Whether it waits for an answer, and not for a time. */
  isUntimed: boolean;
  isDead: boolean;
  fingerprint: string;
}

const SELECT = `SELECT e.id, e.status, e.input->>'token' AS token, e.trigger, e.input->>'scheduledAt' AS "scheduledAt", e.output,
  e.error->>'code' AS "errorCode", e.lease_expires_at IS NULL AS "isUntimed",
  EXISTS (SELECT FROM dead_letters d WHERE d.workspace_id = e.workspace_id AND d.execution_id = e.id) AS "isDead",
  concat_ws(' ', e.status, e.completed_at, e.steps, md5(e.output::text), md5(e.error::text)) AS fingerprint
  FROM executions e WHERE e.workspace_id = $1`;

const EVERY_MS = 2_000;

/** Looks at outcomes as they are written, and again at the end: one that has changed meanwhile was written twice. */
export class OutcomeWatch {
  readonly #urlOf: () => string;
  readonly #workspaceId: string;
  readonly #seen = new Map<string, string>();
  readonly #changed = new Set<string>();
  readonly #timer: NodeJS.Timeout;
  #looking: Promise<void> | undefined;

  constructor(urlOf: () => string, workspaceId: string) {
    this.#urlOf = urlOf;
    this.#workspaceId = workspaceId;
    this.#timer = setInterval(() => {
      this.#looking ??= this.#look()
        .catch(() => undefined)
        .finally(() => (this.#looking = undefined));
    }, EVERY_MS);
  }

  /** Runs that have neither ended nor wait for an answer. */
  async open(): Promise<number> {
    const [row] = await this.#query<{ count: number }>(
      `SELECT count(*)::int AS count FROM executions
       WHERE workspace_id = $1 AND (status IN ('PENDING', 'RUNNING') OR (status = 'WAITING' AND lease_expires_at IS NOT NULL))`,
    );
    return row?.count ?? 0;
  }

  /** All runs as they are now, and which of them had another outcome before. */
  async end(): Promise<{ rows: OutcomeRow[]; changed: Set<string> }> {
    await this.stop();
    const rows = await this.#query<OutcomeRow>(SELECT);
    rows.forEach((row) => this.#compare(row));
    return { rows, changed: this.#changed };
  }

  /** Steps that were completed more than once. One outcome may be written twice, where the first write was not heard of. */
  async repeatedSteps(): Promise<string[]> {
    const rows = await this.#query<{ step: string }>(
      `SELECT t.execution_id || ' ' || (s->>'key') AS step FROM execution_traces t, json_array_elements(t.steps) s
       WHERE t.workspace_id = $1 AND s->>'status' = 'completed' GROUP BY t.execution_id, s->>'key' HAVING count(DISTINCT s::text) > 1`,
    );
    return rows.map(({ step }) => step);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
  }

  async #look(): Promise<void> {
    const rows = await this.#query<OutcomeRow>(`${SELECT} AND e.completed_at > now() - interval '20 s'`);
    rows.forEach((row) => this.#compare(row));
  }

  #compare({ id, status, fingerprint }: OutcomeRow): void {
    if (!["COMPLETED", "FAILED", "CANCELLED"].includes(status)) {
      if (this.#seen.has(id)) this.#changed.add(id);
      return;
    }
    const before = this.#seen.get(id);
    if (before !== undefined && before !== fingerprint) this.#changed.add(id);
    this.#seen.set(id, fingerprint);
  }

  async #query<T extends object>(text: string): Promise<T[]> {
    const client = new Client({ connectionString: this.#urlOf(), connectionTimeoutMillis: 5_000, query_timeout: 60_000 });
    client.on("error", () => undefined);
    await client.connect();
    try {
      return (await client.query<T>(text, [this.#workspaceId])).rows;
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}
