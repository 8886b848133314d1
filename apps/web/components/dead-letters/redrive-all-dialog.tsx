"use client";
import type { DeadLettersRedriven } from "@heddle/schema";
import { useRef, useState } from "react";
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

type Done = Omit<DeadLettersRedriven, "nextCursor">;

/** Tries all dead letters of the workspace again, some hundred at a time. Closing the dialog leaves the rest. */
export function RedriveAllDialog({ isOpen, onOpenChange, onRedriven }: RedriveAllDialogProps) {
  const client = useTRPCClient();
  const { workspace } = useWorkspace();
  const [done, setDone] = useState<Done>();
  const isWanted = useRef(true);
  const change = (next: boolean) => {
    isWanted.current = next;
    onOpenChange(next);
  };
  const redrive = async () => {
    isWanted.current = true;
    const all: Done = { redriven: 0, refused: 0, remaining: 0 };
    try {
      for (let cursor: string | null | undefined; cursor !== null && isWanted.current;) {
        const { redriven, refused, remaining, nextCursor } = await client.deadLetter.redriveAll.mutate({
          workspaceId: workspace.id,
          cursor,
        });
        all.redriven += redriven;
        all.refused += refused;
        all.remaining = remaining;
        setDone({ ...all });
        cursor = nextCursor;
      }
    } finally {
      setDone(undefined);
      if (all.redriven > 0) onRedriven();
    }
    if (all.redriven > 0 || all.refused === 0) toast.success(summaryOf(all));
    else toast.error(summaryOf(all));
  };
  return (
    <ConfirmDialog
      isOpen={isOpen}
      onOpenChange={change}
      title="Try all dead letters again?"
      description="Each becomes a new run from its start, with the input it had, by the version of its agent that is published now. What it did in the outside world before it failed is done again."
      confirmLabel="Try them again"
      isDestructive={false}
      onConfirm={redrive}
    >
      {done !== undefined && done.remaining > 0 && (
        <p role="status" className="text-sm text-muted">
          {formatCount(done.redriven + done.refused)} done, {formatCount(done.remaining)} to go…
        </p>
      )}
    </ConfirmDialog>
  );
}

function summaryOf({ redriven, refused, remaining }: Done): string {
  const parts = [redriven === 1 ? "One run is tried again" : `${redriven === 0 ? "No" : formatCount(redriven)} runs are tried again`];
  if (refused > 0) parts.push(`${formatCount(refused)} can't be: their deployment is switched off or gone`);
  if (remaining > 0) parts.push(`${formatCount(remaining)} are left`);
  return `${parts.join(". ")}.`;
}
