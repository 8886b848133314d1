"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Pencil, Send, Trash2 } from "lucide-react";
import Link from "next/link";
import { useRouter, useSearchParams } from "next/navigation";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { ErrorState } from "@/components/ui/error-state";
import { Page, PageHeader } from "@/components/ui/page-header";
import { SkeletonRows } from "@/components/ui/skeleton";
import { DeliverySheet } from "@/components/webhooks/delivery-sheet";
import { DeliveryTable } from "@/components/webhooks/delivery-table";
import { RedriveDialog } from "@/components/webhooks/redrive-dialog";
import { SecretCard } from "@/components/webhooks/secret-card";
import { WebhookDialog } from "@/components/webhooks/webhook-dialog";
import { WebhookFacts } from "@/components/webhooks/webhook-facts";
import { WebhookNotice } from "@/components/webhooks/webhook-notice";
import { WebhookState } from "@/components/webhooks/webhook-state";
import { toastError } from "@/lib/toast-error";
import { useTRPC, useTRPCClient } from "@/lib/trpc";
import { useWorkspace } from "@/lib/workspace";

export default function WebhookPage() {
  const params = useSearchParams();
  const id = params.get("id") ?? "";
  const router = useRouter();
  const trpc = useTRPC();
  const client = useTRPCClient();
  const cache = useQueryClient();
  const { workspace, canAdminister } = useWorkspace();
  const [opened, setOpened] = useState<"edit" | "delete" | "redrive">();
  const dialog = (name: "edit" | "delete" | "redrive") => ({
    isOpen: opened === name,
    onOpenChange: (isOpen: boolean) => setOpened(isOpen ? name : undefined),
  });
  const here = `/webhooks/view?id=${id}`;
  const refresh = () => cache.invalidateQueries({ queryKey: trpc.webhook.pathKey() });
  const webhook = useQuery(trpc.webhook.byId.queryOptions({ workspaceId: workspace.id, id }));
  const setEnabled = useMutation(trpc.webhook.update.mutationOptions({ onSuccess: refresh, onError: toastError }));
  const test = useMutation(
    trpc.webhook.test.mutationOptions({
      onSuccess: async (delivery) => {
        await refresh();
        router.push(`${here}&delivery=${delivery.id}`);
      },
      onError: toastError,
    }),
  );

  if (webhook.error) return <ErrorState error={webhook.error} onRetry={webhook.refetch} />;
  if (webhook.data === undefined)
    return (
      <Page>
        <SkeletonRows />
      </Page>
    );
  const { url, description, isEnabled } = webhook.data;
  const toggle = () => setEnabled.mutate({ workspaceId: workspace.id, id, isEnabled: !isEnabled });
  const turnOn = canAdminister && !isEnabled && (
    <Button isBusy={setEnabled.isPending} onClick={toggle}>
      Turn on
    </Button>
  );
  return (
    <Page>
      <PageHeader
        back={<Link href="/webhooks">Webhooks</Link>}
        title={
          <span className="flex items-center gap-2.5">
            <span className="min-w-0 truncate">{description === "" ? (URL.parse(url)?.host ?? url) : description}</span>
            <WebhookState webhook={webhook.data} />
          </span>
        }
        description={<span className="break-all font-mono text-xs">{url}</span>}
        actions={
          canAdminister && (
            <>
              <Button variant="dangerGhost" size="icon" aria-label="Delete" onClick={() => setOpened("delete")}>
                <Trash2 aria-hidden />
              </Button>
              {isEnabled && (
                <Button isBusy={setEnabled.isPending} onClick={toggle}>
                  Turn off
                </Button>
              )}
              <Button onClick={() => setOpened("edit")}>
                <Pencil aria-hidden />
                Change
              </Button>
              <Button variant="primary" isBusy={test.isPending} onClick={() => test.mutate({ workspaceId: workspace.id, webhookId: id })}>
                <Send aria-hidden />
                Send a test
              </Button>
            </>
          )
        }
      />
      <div className="flex flex-col gap-4">
        <WebhookNotice webhook={webhook.data} action={turnOn} />
        <WebhookFacts webhook={webhook.data} />
        {canAdminister && <SecretCard key={id} webhookId={id} />}
        <DeliveryTable
          webhookId={id}
          actions={canAdminister && isEnabled && <Button onClick={() => setOpened("redrive")}>Send dead letters again</Button>}
        />
      </div>
      <DeliverySheet
        webhookId={id}
        deliveryId={params.get("delivery") ?? undefined}
        onClose={() => router.replace(here)}
        onChanged={() => void refresh()}
      />
      <WebhookDialog key={webhook.data.updatedAt} {...dialog("edit")} webhook={webhook.data} onSaved={() => void refresh()} />
      <RedriveDialog {...dialog("redrive")} webhookId={id} onRedriven={() => void refresh()} />
      <ConfirmDialog
        {...dialog("delete")}
        title="Delete this webhook?"
        description="Nothing is sent to it any more, and its log goes with it. This can't be undone."
        confirmLabel="Delete the webhook"
        onConfirm={async () => {
          await client.webhook.delete.mutate({ workspaceId: workspace.id, id });
          router.replace("/webhooks");
        }}
      />
    </Page>
  );
}
