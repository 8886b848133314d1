"use client";
import type { WebhookDeliveryDetail } from "@heddle/schema";
import { useMutation, useQuery } from "@tanstack/react-query";
import Link from "next/link";
import type { ReactNode } from "react";
import { toast } from "sonner";
import { Button } from "@/components/ui/button";
import { CodeBlock } from "@/components/ui/code-block";
import { ErrorState } from "@/components/ui/error-state";
import { Sheet, SheetContent } from "@/components/ui/sheet";
import { SkeletonRows } from "@/components/ui/skeleton";
import { StatusBadge } from "@/components/ui/status-badge";
import { formatTime, formatUntil } from "@/lib/format";
import { toastError } from "@/lib/toast-error";
import { useTRPC } from "@/lib/trpc";
import { useWorkspace } from "@/lib/workspace";
import { AttemptItem } from "./attempt-item";
import { eventLabel } from "./webhook-events";

export interface DeliverySheetProps {
  webhookId: string;
  /** Undefined while none is looked at. */
  deliveryId: string | undefined;
  onClose: () => void;
  /** Told when it was sent again. */
  onChanged: () => void;
}

/** One delivery: what was sent, every answer, and sending it again. */
export function DeliverySheet({ webhookId, deliveryId, onClose, onChanged }: DeliverySheetProps) {
  const trpc = useTRPC();
  const { workspace, canAdminister } = useWorkspace();
  const named = { workspaceId: workspace.id, webhookId, id: deliveryId ?? "" };
  const delivery = useQuery(
    trpc.webhook.delivery.queryOptions(named, {
      enabled: deliveryId !== undefined,
      refetchInterval: ({ state }) => (state.data?.status === "PENDING" ? 2_000 : false),
    }),
  );
  const redrive = useMutation(
    trpc.webhook.redrive.mutationOptions({
      onSuccess: async () => {
        toast.success("It is being sent again");
        await delivery.refetch();
        onChanged();
      },
      onError: toastError,
    }),
  );
  const canRedrive = canAdminister && delivery.data !== undefined && !delivery.data.isTest && delivery.data.status !== "DELIVERED";
  return (
    <Sheet open={deliveryId !== undefined} onOpenChange={(isOpen) => !isOpen && onClose()}>
      <SheetContent
        className="max-w-2xl"
        title={
          <span className="flex flex-wrap items-center gap-2.5">
            {delivery.data === undefined ? "Delivery" : eventLabel(delivery.data.event)}
            {delivery.data !== undefined && <StatusBadge status={delivery.data.status} />}
          </span>
        }
        description={delivery.data === undefined ? "One message and what came back." : summaryOf(delivery.data)}
      >
        {delivery.isPending && <SkeletonRows />}
        {delivery.error !== null && <ErrorState error={delivery.error} onRetry={delivery.refetch} />}
        {delivery.data !== undefined && (
          <div className="flex flex-col gap-5 p-4">
            <div className="flex flex-wrap gap-2 empty:hidden">
              {canRedrive && (
                <Button isBusy={redrive.isPending} onClick={() => redrive.mutate(named)}>
                  {delivery.data.status === "PENDING" ? "Send now" : "Send again"}
                </Button>
              )}
              {delivery.data.executionId !== null && (
                <Button asChild>
                  <Link href={`/executions/view?id=${delivery.data.executionId}`}>Open the run</Link>
                </Button>
              )}
            </div>
            <Part title="Request">
              <p className="mb-2 break-all font-mono text-2xs text-muted">POST {delivery.data.url}</p>
              <CodeBlock code={pretty(delivery.data.requestBody)} label="Request body" />
            </Part>
            <Part title={delivery.data.log.length === 1 ? "The attempt" : "Attempts"}>
              {delivery.data.log.length === 0 ? (
                <p className="text-sm text-muted">None yet.</p>
              ) : (
                <ol className="flex flex-col gap-3">
                  {delivery.data.log.toReversed().map((attempt, index) => (
                    <AttemptItem key={attempt.number} attempt={attempt} isOpen={index === 0} />
                  ))}
                </ol>
              )}
            </Part>
            <p className="font-mono text-2xs text-subtle">webhook-id: {delivery.data.messageId}</p>
          </div>
        )}
      </SheetContent>
    </Sheet>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section>
      <h3 className="mb-2 text-sm font-semibold">{title}</h3>
      {children}
    </section>
  );
}

function summaryOf({ status, createdAt, nextAttemptAt, error }: WebhookDeliveryDetail): string {
  const happened = `Happened ${formatTime(createdAt)}.`;
  if (status === "PENDING" && nextAttemptAt !== null) return `${happened} Next attempt ${formatUntil(nextAttemptAt)}.`;
  return error === null ? happened : `${happened} ${error.message}`;
}

/** The body is signed as it is; people read it indented. */
function pretty(body: string): string {
  return JSON.stringify(JSON.parse(body), null, 2);
}
