import { isDatabaseUnavailable, uuidv7 } from "@heddle/db";
import { type DeliveryOptions, leaseOf, performDelivery } from "./perform-delivery.ts";

export interface SenderOptions extends DeliveryOptions {
  onFault: (fault: unknown) => void;
  /** Deliveries under way in this process. */
  concurrency?: number;
  /** How often deliveries of other processes, and those that are due again, are looked for, ms. */
  pollEveryMs?: number;
}

/** Claimed of one endpoint at a time, and under way before no more of it is claimed, so that a slow one stops nobody else. */
const PER_ENDPOINT = 5;
const DEFAULT_CONCURRENCY = 40;
/** What was enqueued in a transaction is there a moment after whoever says so. */
const WAKE_AFTER_MS = 20;

/** Sends what is due, in any number of processes at once. PostgreSQL says what that is; nothing here needs to last. */
export class WebhookSender {
  readonly #options: SenderOptions;
  readonly #underWay = new Map<Promise<void>, string>();
  readonly #stopping = new AbortController();
  #claiming: Promise<number> | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Whether the last claim may have left something that was due. */
  #isMoreDue = false;
  #isWoken = false;
  #isStarted = false;
  #isClosed = false;

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  /** Begins to look for deliveries, now and then and whenever woken. */
  start(): void {
    this.#isStarted = true;
    this.#turn();
  }

  /** Looks for deliveries soon; for whoever has just written one. */
  wake(): void {
    // Put off no further by whoever else wakes it: under load there is always somebody.
    if (!this.#isStarted || this.#isClosed || this.#isWoken) return;
    this.#isWoken = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#turn(), WAKE_AFTER_MS).unref();
  }

  /** Sends everything that is due, once each. @returns how many */
  async sendDue(): Promise<number> {
    let sent = 0;
    for (;;) {
      const claimed = await this.#claim();
      sent += claimed;
      await this.#settle();
      if (claimed === 0) return sent;
    }
  }

  /** Takes no more; gives back what has not ended within the time given (ms), uncounted. */
  async close(drainMs: number): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#claiming?.catch(() => undefined);
    const deadline = setTimeout(() => this.#stopping.abort(new Error("the process ends")), drainMs);
    await this.#settle();
    clearTimeout(deadline);
  }

  #turn(): void {
    this.#isWoken = false;
    clearTimeout(this.#timer);
    // A claim that is under way may have looked before this became due.
    const before = this.#claiming?.catch(() => undefined) ?? Promise.resolve();
    before
      .then(() => this.#claim())
      .catch((fault: unknown) => this.#report(fault))
      .finally(() => {
        if (this.#isClosed || this.#isWoken) return;
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => this.#turn(), this.#options.pollEveryMs ?? 1_000).unref();
      });
  }

  /** Claims as much as there is room for and begins to send it. Every delivery that ends makes room and looks again. */
  #claim(): Promise<number> {
    return (this.#claiming ??= this.#claimOnce().finally(() => (this.#claiming = undefined)));
  }

  async #claimOnce(): Promise<number> {
    const { db, now, concurrency = DEFAULT_CONCURRENCY } = this.#options;
    const room = concurrency - this.#underWay.size;
    if (room <= 0 || this.#isClosed) return 0;
    const leaseId = uuidv7();
    const busy = this.#busyEndpoints();
    const { rows } = await db.pools.app.query<{ id: string; workspaceId: string; endpointId: string }>(CLAIM, [
      now?.() ?? null, leaseOf(this.#options), leaseId, room, PER_ENDPOINT, busy,
    ]); // prettier-ignore
    this.#isMoreDue = busy.length > 0 || rows.length === room || rows.length >= PER_ENDPOINT;
    for (const { endpointId, ...row } of rows) {
      const task = performDelivery(this.#options, { ...row, leaseId }, this.#stopping.signal)
        .catch((fault: unknown) => this.#report(fault))
        .then(() => {
          this.#underWay.delete(task);
          if (this.#isMoreDue) this.wake();
        });
      this.#underWay.set(task, endpointId);
    }
    return rows.length;
  }

  #busyEndpoints(): string[] {
    const counts = new Map<string, number>();
    for (const endpoint of this.#underWay.values()) counts.set(endpoint, (counts.get(endpoint) ?? 0) + 1);
    return [...counts].filter(([, count]) => count >= PER_ENDPOINT).map(([endpoint]) => endpoint);
  }

  async #settle(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay.keys());
  }

  /** A database that is away is reported by others, and looked for again here. */
  #report(fault: unknown): void {
    if (!isDatabaseUnavailable(fault)) this.#options.onFault(fault);
  }
}

const CLAIM = `SELECT id, workspace_id AS "workspaceId", endpoint_id AS "endpointId"
  FROM heddle_claim_webhook_deliveries($1, $2::interval, $3, $4, $5, $6)`;
