import type { WebhookResource } from "@heddle/schema";
import { TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { formatTime } from "@/lib/format";

/** Says why nothing is sent, or that nothing gets through, and what to do about it. Nothing where all is well. */
export function WebhookNotice({ webhook, action }: { webhook: WebhookResource; action?: ReactNode }) {
  const text = noticeOf(webhook);
  if (text === undefined) return null;
  return (
    <div
      role="status"
      className="flex flex-wrap items-center gap-3 rounded-lg border border-warn-line bg-warn-soft px-4 py-3 text-sm text-warn"
    >
      <TriangleAlert className="size-4 shrink-0" aria-hidden />
      <p className="min-w-0 flex-1">{text}</p>
      {action}
    </div>
  );
}

function noticeOf({ isEnabled, disabledReason, disabledAt, failingSince }: WebhookResource): string | undefined {
  const since = disabledAt === null ? "" : ` since ${formatTime(disabledAt)}`;
  if (isEnabled) return failingSince === null ? undefined : `Nothing has got through since ${formatTime(failingSince)}. Attempts go on.`;
  if (disabledReason === "gone")
    return `Off${since}: the receiver answered 410, which means that it is gone. What was pending is kept as dead letters.`;
  if (disabledReason === "failing")
    return `Off${since}: nothing had got through for five days. Mend the receiver, send a test, then turn it on and send the dead letters again.`;
  return `Off${since}: events that happen now are not kept for it. What was pending is kept as dead letters.`;
}
