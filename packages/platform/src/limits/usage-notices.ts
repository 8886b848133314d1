import type { Database } from "@heddle/db";
import type { UsageMetric } from "@heddle/schema";
import type { Mail, Mailer } from "../accounts/mailer.ts";
import type { AuditLog } from "../audit/audit-log.ts";
import { type Month, monthTitle } from "./month.ts";
import type { MonthCaps } from "./plans.ts";
import { amount, type MonthUse } from "./usage-meter.ts";

export interface UsageNoticesOptions {
  db: Database;
  audit: Pick<AuditLog, "recordWithin">;
  publicUrl: string;
  /** Absent where no mail server is configured; then the pages and the audit log tell. */
  mailer: Mailer | undefined;
}

/** Percent of a cap at which people are told. */
const THRESHOLDS = [100, 80] as const;
const MAX_RECIPIENTS = 50;

interface Crossed {
  metric: UsageMetric;
  percent: (typeof THRESHOLDS)[number];
  used: number;
  cap: number;
}

/** Tells a workspace once a month, metric and threshold that its cap is near or reached, whichever process sees it first. */
export class UsageNotices {
  readonly #options: UsageNoticesOptions;
  /** What this process knows to have been told, so that it asks the database once. */
  readonly #told = new Set<string>();

  constructor(options: UsageNoticesOptions) {
    this.#options = options;
  }

  async tell(workspaceId: string, month: Month, use: MonthUse, caps: MonthCaps): Promise<void> {
    for (const crossed of crossedIn(use, caps)) {
      // A cap that was raised and is crossed again is told again: it is another one.
      const name = [workspaceId, month.name, crossed.metric, crossed.percent, crossed.cap].join(" ");
      if (this.#told.has(name)) continue;
      await this.#tellOnce(workspaceId, month, crossed);
      if (this.#told.size > 10_000) this.#told.clear();
      this.#told.add(name);
    }
  }

  async #tellOnce(workspaceId: string, month: Month, { metric, percent, used, cap }: Crossed): Promise<void> {
    const { db, audit, mailer } = this.#options;
    const recipients = await db.withWorkspace(workspaceId, async (client) => {
      const { rowCount } = await client.query(
        `INSERT INTO usage_notices (workspace_id, month, metric, percent, cap) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (workspace_id, month, metric, percent) DO UPDATE SET cap = excluded.cap, created_at = now()
         WHERE usage_notices.cap <> excluded.cap`,
        [workspaceId, `${month.name}-01`, metric, percent, cap],
      );
      if (rowCount === 0) return [];
      const action = percent >= 100 ? "usage.capReached" : "usage.capNear";
      await audit.recordWithin(client, {
        actor: "system", workspaceId, action, target: workspaceId, details: { metric, used, cap, month: month.name },
      }); // prettier-ignore
      const { rows } = await client.query<{ email: string; workspace: string }>(
        `SELECT u.email, w.name AS workspace FROM workspace_members m JOIN users u ON u.id = m.user_id JOIN workspaces w ON w.id = m.workspace_id
         WHERE m.workspace_id = $1 AND m.role IN ('OWNER', 'ADMIN') ORDER BY m.created_at LIMIT $2`,
        [workspaceId, MAX_RECIPIENTS],
      );
      return rows;
    });
    if (mailer === undefined) return;
    const mails = recipients.map(({ email, workspace }) => this.#mail(email, workspace, month, { metric, percent, used, cap }));
    await Promise.all(mails.map((mail) => mailer.send(mail)));
  }

  #mail(to: string, workspace: string, month: Month, { metric, percent, used, cap }: Crossed): Mail {
    const spent = `${amount(metric, used)} of ${amount(metric, cap)}`;
    const isReached = percent >= 100;
    return {
      to,
      subject: isReached ? `${workspace} has reached its cap for ${monthTitle(month)}` : `${workspace} has used ${percent} % of its month`,
      text: [
        `The workspace “${workspace}” has used ${spent} in ${monthTitle(month)}.`,
        isReached
          ? "New executions are refused until the cap is raised or the month is over. What was accepted before runs to its end."
          : "When the cap is reached, new executions are refused until it is raised or the month is over.",
        `See and change the caps: ${this.#options.publicUrl}/settings/limits`,
      ].join("\n\n"),
    };
  }
}

function crossedIn(use: MonthUse, caps: MonthCaps): Crossed[] {
  return (["executions", "tokens", "costUsd"] as const).flatMap((metric) => {
    const cap = caps[metric];
    if (cap === null) return [];
    const used = metric === "executions" ? use.executions + use.unfinished : use[metric];
    const percent = THRESHOLDS.find((threshold) => used >= (cap * threshold) / 100);
    return percent === undefined ? [] : [{ metric, percent, used, cap }];
  });
}
