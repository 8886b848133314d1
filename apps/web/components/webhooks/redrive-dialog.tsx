"use client";
import { useState } from "react";
import { toast } from "sonner";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { FormField } from "@/components/ui/form-field";
import { Select } from "@/components/ui/select";
import { formatCount } from "@/lib/format";
import { useTRPCClient } from "@/lib/trpc";
import { useWorkspace } from "@/lib/workspace";

const HOUR_MS = 3_600_000;
const SPANS = [
  { value: "1", label: "The last hour" },
  { value: "24", label: "The last 24 hours" },
  { value: "168", label: "The last 7 days" },
  { value: "720", label: "The last 30 days" },
];

export interface RedriveDialogProps {
  webhookId: string;
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
  onRedriven: () => void;
}

/** Sends all dead letters of a time again. */
export function RedriveDialog({ webhookId, isOpen, onOpenChange, onRedriven }: RedriveDialogProps) {
  const client = useTRPCClient();
  const { workspace } = useWorkspace();
  const [hours, setHours] = useState("24");
  return (
    <ConfirmDialog
      isOpen={isOpen}
      onOpenChange={onOpenChange}
      title="Send dead letters again?"
      description="Each is sent under the webhook-id that it had, so that a receiver knows what it has seen."
      confirmLabel="Send them again"
      isDestructive={false}
      onConfirm={async () => {
        const since = new Date(Date.now() - Number(hours) * HOUR_MS).toISOString();

        const redriven = await client.webhook.redriveSince.mutate({ workspaceId: workspace.id, webhookId, since });
        toast.success(
          redriven === 0 ? "There were none" : redriven === 1 ? "One is being sent" : `${formatCount(redriven)} are being sent`,
        );
        onRedriven();
      }}
    >
      <FormField label="Of what happened in">
        {(control) => <Select {...control} value={hours} onValueChange={setHours} options={SPANS} />}
      </FormField>
    </ConfirmDialog>
  );
}
