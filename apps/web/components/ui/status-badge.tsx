import type { AgentResource, DeploymentResource, ExecutionStatus, TrainingState, WebhookDeliveryStatus } from "@heddle/schema";
import { Badge, type BadgeTone } from "./badge";

type Status =
  | ExecutionStatus
  | AgentResource["status"]
  | DeploymentResource["status"]
  | TrainingState["status"]
  | WebhookDeliveryStatus
  | "indexing";

const looks: Record<Status, { tone: BadgeTone; label: string; isLive?: boolean }> = {
  PENDING: { tone: "neutral", label: "Pending" },
  RUNNING: { tone: "accent", label: "Running", isLive: true },
  WAITING: { tone: "warn", label: "Waiting" },
  COMPLETED: { tone: "ok", label: "Completed" },
  FAILED: { tone: "bad", label: "Failed" },
  CANCELLED: { tone: "neutral", label: "Cancelled" },
  DELIVERED: { tone: "ok", label: "Delivered" },
  DEAD_LETTERED: { tone: "bad", label: "Dead letter" },
  DRAFT: { tone: "neutral", label: "Draft" },
  PUBLISHED: { tone: "ok", label: "Published" },
  ARCHIVED: { tone: "neutral", label: "Archived" },
  ACTIVE: { tone: "ok", label: "Active" },
  INACTIVE: { tone: "neutral", label: "Inactive" },
  ERROR: { tone: "bad", label: "Error" },
  none: { tone: "neutral", label: "Not trained" },
  queued: { tone: "neutral", label: "Queued" },
  training: { tone: "accent", label: "Training", isLive: true },
  indexing: { tone: "accent", label: "Indexing", isLive: true },
  ready: { tone: "ok", label: "Ready" },
  failed: { tone: "bad", label: "Failed" },
};

/** The state of an execution, agent, deployment, training or document, the same everywhere. */
export function StatusBadge({ status }: { status: Status }) {
  const { tone, label, isLive } = looks[status];
  return (
    <Badge tone={tone}>
      <span
        className={isLive === true ? "size-1.5 animate-shimmer rounded-full bg-current" : "size-1.5 rounded-full bg-current"}
        aria-hidden
      />
      {label}
    </Badge>
  );
}
