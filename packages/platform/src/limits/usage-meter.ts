import { HeddleError, type UsageMetric } from "@heddle/schema";
import { type Month, monthOf, monthTitle } from "./month.ts";
import type { MonthCaps } from "./plans.ts";

/** What a workspace has used in a month. `executions` are those that ended. */
export interface MonthUse extends Record<UsageMetric, number> {
  /** Executions that are accepted and have not ended. */
  unfinished: number;
}

export interface UsageMeterOptions {
  read: (workspaceId: string, month: Month) => Promise<MonthUse>;
  /** Told what was read, for workspaces that have a cap. */
  onRead: (workspaceId: string, month: Month, use: MonthUse) => void;
  onFault: (fault: unknown) => void;
  /** ms since the epoch */
  now?: (() => number) | undefined;
}

interface Meter {
  month: Month;
  use: MonthUse;
  /** Runs that this process has accepted, and how many of them when `use` began to be read. */
  accepted: number;
  acceptedAtRead: number;
  readAt: number;
  reading: Promise<void> | undefined;
  trailing: NodeJS.Timeout | undefined;
}

/** How old a reading may be while runs are accepted, ms; and where nine tenths of a cap are used. */
const REFRESH_MS = 5_000;
const REFRESH_NEAR_CAP_MS = 1_000;
/** Older than this a reading is worth nothing, ms. */
const STALE_MS = 60_000;
const NEAR = 0.9;
const MAX_METERS = 10_000;

/**
 * Holds workspaces to their month's caps without a query a run: what was used is read every few seconds while a workspace
 * is active, and what this process has accepted since counts with it. So a cap on executions is overshot at most by what
 * other processes accept within a second, and one on tokens or cost by what runs under way still use.
 */
export class UsageMeter {
  readonly #options: UsageMeterOptions;
  readonly #meters = new Map<string, Meter>();
  readonly #now: () => number;

  constructor(options: UsageMeterOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  /**
   * Counts one more run; `isCounted` where it is among the unfinished already, and only the caps are asked for. No promise
   * where the reading is young. @throws HeddleError quota_exceeded
   */
  admit(workspaceId: string, caps: MonthCaps, isCounted = false): void | Promise<void> {
    if (caps.executions === null && caps.tokens === null && caps.costUsd === null) return undefined;
    const meter = this.#meters.get(workspaceId);
    const now = this.#now();
    if (meter === undefined || now >= meter.month.end.getTime() || now - meter.readAt > STALE_MS)
      return this.#read(workspaceId).then((read) => {
        this.#readLater(workspaceId, read);
        this.#count(read, caps, isCounted);
      });
    const age = now - meter.readAt;
    if (age > REFRESH_MS || (age > REFRESH_NEAR_CAP_MS && isNear(meter.use, caps))) this.#refresh(workspaceId);
    this.#readLater(workspaceId, meter);
    return this.#count(meter, caps, isCounted);
  }

  close(): void {
    for (const { trailing } of this.#meters.values()) clearTimeout(trailing);
    this.#meters.clear();
  }

  #count(meter: Meter, caps: MonthCaps, isCounted: boolean): void {
    for (const metric of METRICS) {
      const cap = caps[metric];
      if (cap === null) continue;
      const begun = metric !== "executions" || isCounted ? 0 : meter.use.unfinished + meter.accepted - meter.acceptedAtRead;
      const used = meter.use[metric] + begun;
      if (used >= cap) throw quotaExceeded(metric, used, cap, meter.month);
    }
    if (!isCounted) meter.accepted++;
  }

  async #read(workspaceId: string): Promise<Meter> {
    const month = monthOf(this.#now());
    const kept = this.#meters.get(workspaceId);
    const meter: Meter =
      kept?.month.name === month.name
        ? kept
        : {
            month,
            use: { executions: 0, unfinished: 0, tokens: 0, costUsd: 0 },
            accepted: 0,
            acceptedAtRead: 0,
            readAt: Number.NEGATIVE_INFINITY,
            reading: undefined,
            trailing: undefined,
          };
    if (meter !== kept) {
      clearTimeout(kept?.trailing);
      if (this.#meters.size >= MAX_METERS) this.close();
      this.#meters.set(workspaceId, meter);
    }
    meter.reading ??= this.#readInto(workspaceId, meter).finally(() => (meter.reading = undefined));
    await meter.reading;
    return meter;
  }

  async #readInto(workspaceId: string, meter: Meter): Promise<void> {
    const { accepted } = meter;
    const startedAt = this.#now();
    meter.use = await this.#options.read(workspaceId, meter.month);
    meter.acceptedAtRead = accepted;
    meter.readAt = startedAt;
    this.#options.onRead(workspaceId, meter.month, meter.use);
  }

  #refresh(workspaceId: string): void {
    this.#read(workspaceId).catch(this.#options.onFault);
  }

  /** The last run of a burst can be the one that crosses a threshold. */
  #readLater(workspaceId: string, meter: Meter): void {
    meter.trailing ??= setTimeout(() => {
      meter.trailing = undefined;
      this.#refresh(workspaceId);
    }, REFRESH_MS).unref();
  }
}

const METRICS: readonly UsageMetric[] = ["executions", "tokens", "costUsd"];

function isNear(use: MonthUse, caps: MonthCaps): boolean {
  const nearTo = (metric: UsageMetric, used: number): boolean => used >= (caps[metric] ?? Number.POSITIVE_INFINITY) * NEAR;
  return nearTo("executions", use.executions + use.unfinished) || nearTo("tokens", use.tokens) || nearTo("costUsd", use.costUsd);
}

function quotaExceeded(metric: UsageMetric, used: number, cap: number, month: Month): HeddleError {
  const day = month.end.toLocaleDateString("en", { day: "numeric", month: "long", timeZone: "UTC" });
  return new HeddleError("quota_exceeded", `This workspace has used its ${amount(metric, cap)} of ${monthTitle(month)}.`, {
    details: { metric, used, cap, month: month.name, resetsAt: month.end.toISOString() },
    hint: `An owner or an admin can raise the cap under Settings → Usage & limits. Otherwise counting starts anew on ${day} (UTC).`,
  });
}

/** `1,000 executions`, `2,000,000 tokens`, `US$ 10.00` */
export function amount(metric: UsageMetric, value: number): string {
  if (metric === "costUsd") return `US$ ${value.toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
  return `${value.toLocaleString("en")} ${metric}`;
}
