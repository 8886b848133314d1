"use client";
import type { DeadLetter } from "@heddle/schema";
import { useMutation, useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useState } from "react";
import { toast } from "sonner";
import { Button } from "@/components/ui/button";
import { CodeBlock } from "@/components/ui/code-block";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { ErrorNote, ErrorState } from "@/components/ui/error-state";
import { Sheet, SheetContent } from "@/components/ui/sheet";
import { SkeletonRows } from "@/components/ui/skeleton";
import { formatTime, formatUntil } from "@/lib/format";
import { toastError } from "@/lib/toast-error";
import { useTRPC, useTRPCClient } from "@/lib/trpc";
import { useWorkspace } from "@/lib/workspace";

export interface DeadLetterSheetProps {
  /** Undefined while none is looked at. */
  letterId: string | undefined;
  onClose: () => void;
  /** Told when it was tried again or thrown away. */
  onChanged: () => void;
}

/** One dead letter: why it failed and with what, and what can be done about it. */
export function DeadLetterSheet({ letterId, onClose, onChanged }: DeadLetterSheetProps) {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const { workspace, canEdit } = useWorkspace();
  const [isDiscarding, setIsDiscarding] = useState(false);
  const named = { workspaceId: workspace.id, id: letterId ?? "" };
  const letter = useQuery(trpc.deadLetter.byId.queryOptions(named, { enabled: letterId !== undefined }));
  const redrive = useMutation(
    trpc.deadLetter.redrive.mutationOptions({
      onSuccess: async () => {
        toast.success("It is being tried again");
        await letter.refetch();
        onChanged();
      },
      onError: toastError,
    }),
  );
  return (
    <Sheet open={letterId !== undefined} onOpenChange={(isOpen) => !isOpen && onClose()}>
      <SheetContent
        className="max-w-2xl"
        title={letter.data === undefined ? "Dead letter" : (letter.data.agentName ?? "Deleted agent")}
        description={letter.data === undefined ? "A run that failed for good." : summaryOf(letter.data)}
      >
        {letter.isPending && <SkeletonRows />}
        {letter.error !== null && <ErrorState error={letter.error} onRetry={letter.refetch} />}
        {letter.data !== undefined && (
          <div className="flex flex-col gap-5 p-4">
            <div className="flex flex-wrap gap-2">
              {letter.data.redrivenAs === null ? (
                canEdit && (
                  <Button variant="primary" isBusy={redrive.isPending} onClick={() => redrive.mutate(named)}>
                    Try it again
                  </Button>
                )
              ) : (
                <Button asChild variant="primary">
                  <Link href={`/executions/view?id=${letter.data.redrivenAs}`}>Open the new run</Link>
                </Button>
              )}
              <Button asChild>
                <Link href={`/executions/view?id=${letter.data.id}`}>Open the run that failed</Link>
              </Button>
              {canEdit && (
                <Button variant="dangerGhost" onClick={() => setIsDiscarding(true)}>
                  Throw away
                </Button>
              )}
            </div>
            <ErrorNote
              error={{
                type: "about:blank",
                title: "The run failed",
                status: 500,
                detail: letter.data.error.message,
                code: letter.data.error.code,
                ...(letter.data.error.hint === undefined ? {} : { hint: letter.data.error.hint }),
              }}
            />
            <section>
              <h3 className="mb-2 text-sm font-semibold">Input</h3>
              <CodeBlock code={JSON.stringify(letter.data.input, null, 2)} label="Input" />
            </section>
            <p className="font-mono text-2xs text-subtle">{letter.data.id}</p>
          </div>
        )}
        <ConfirmDialog
          isOpen={isDiscarding}
          onOpenChange={setIsDiscarding}
          title="Throw this dead letter away?"
          description="It can't be tried again afterwards. The run and its trace stay."
          confirmLabel="Throw away"
          onConfirm={async () => {
            await client.deadLetter.discard.mutate(named);
            toast.success("The dead letter is gone");
            onClose();
            onChanged();
          }}
        />
      </SheetContent>
    </Sheet>
  );
}

function summaryOf({ diedAt, attempts, expiresAt, redrivenAt }: DeadLetter): string {
  const failed = `Failed ${formatTime(diedAt)} after ${attempts === 1 ? "one attempt" : `${attempts} attempts`}.`;
  return redrivenAt === null ? `${failed} Removed ${formatUntil(expiresAt)}.` : `${failed} Tried again ${formatTime(redrivenAt)}.`;
}
