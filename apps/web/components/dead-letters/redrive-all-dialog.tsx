"use client";
import type { DeadLettersRedriven } from "@heddle/schema";
import { toast } from "sonner";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { formatCount } from "@/lib/format";
import { useTRPCClient } from "@/lib/trpc";
import { useWorkspace } from "@/lib/workspace";

export interface RedriveAllDialogProps {
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
  onRedriven: () => void;
}

/** Tries all dead letters of the workspace again. */
export function RedriveAllDialog({ isOpen, onOpenChange, onRedriven }: RedriveAllDialogProps) {
  const client = useTRPCClient();
  const { workspace } = useWorkspace();
  return (
    <ConfirmDialog
      isOpen={isOpen}
      onOpenChange={onOpenChange}
      title="Try all dead letters again?"
      description="Each becomes a new run from its start, with the input it had, by the version of its agent that is published now. What it did in the outside world before it failed is done again."
      confirmLabel="Try them again"
      isDestructive={false}
      onConfirm={async () => {
        const done = await client.deadLetter.redriveAll.mutate({ workspaceId: workspace.id });
        if (done.redriven > 0 || done.refused === 0) toast.success(summaryOf(done));
        else toast.error(summaryOf(done));
        onRedriven();
      }}
    />
  );
}

function summaryOf({ redriven, refused, remaining }: DeadLettersRedriven): string {
  const parts = [redriven === 1 ? "One run is tried again" : `${redriven === 0 ? "No" : formatCount(redriven)} runs are tried again`];
  if (refused > 0) parts.push(`${formatCount(refused)} can't be: their deployment is switched off or gone`);
  if (remaining > 0) parts.push(`${formatCount(remaining)} are left for another go`);
  return `${parts.join(". ")}.`;
}
