import type { WebhookResource } from "@heddle/schema";
import { Badge } from "@/components/ui/badge";

type State = Pick<WebhookResource, "isEnabled" | "disabledReason" | "failingSince">;

/** Whether a webhook is on, and whether it gets through. */
export function WebhookState({ webhook: { isEnabled, disabledReason, failingSince } }: { webhook: State }) {
  const dot = <span className="size-1.5 rounded-full bg-current" aria-hidden />;
  if (!isEnabled) return <Badge tone={disabledReason === "person" ? "neutral" : "bad"}>{dot}Off</Badge>;
  if (failingSince !== null) return <Badge tone="warn">{dot}Failing</Badge>;
  return <Badge tone="ok">{dot}On</Badge>;
}
