"use client";
import { useMutation } from "@tanstack/react-query";
import { Eye, RotateCw } from "lucide-react";
import Link from "next/link";
import { useId, useState } from "react";
import { Button } from "@/components/ui/button";
import { SectionCard } from "@/components/ui/card";
import { Checkbox } from "@/components/ui/checkbox";
import { CodeBlock } from "@/components/ui/code-block";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { formatTime } from "@/lib/format";
import { toastError } from "@/lib/toast-error";
import { useTRPC, useTRPCClient } from "@/lib/trpc";
import { useWorkspace } from "@/lib/workspace";

/** The secret that signs, shown on demand: the receiver needs it as it is. For administrators. */
export function SecretCard({ webhookId }: { webhookId: string }) {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const { workspace } = useWorkspace();
  const [isRotating, setIsRotating] = useState(false);
  const leakId = useId();
  const [hasLeaked, setHasLeaked] = useState(false);
  const named = { workspaceId: workspace.id, id: webhookId };
  const reveal = useMutation(trpc.webhook.secret.mutationOptions({ onError: toastError }));
  const [rotated, setRotated] = useState<typeof reveal.data>();
  const shown = rotated ?? reveal.data;
  const [last] = shown?.previous ?? [];
  return (
    <SectionCard
      title="Signing secret"
      description={
        <>
          The receiver checks every message with it.{" "}
          <Link href="/docs/webhooks" className="text-accent-text underline underline-offset-3">
            How to verify a signature
          </Link>
        </>
      }
      actions={
        <div className="flex flex-wrap gap-2">
          {shown === undefined && (
            <Button isBusy={reveal.isPending} onClick={() => reveal.mutate(named)}>
              <Eye aria-hidden />
              Show
            </Button>
          )}
          <Button onClick={() => setIsRotating(true)}>
            <RotateCw aria-hidden />
            Rotate
          </Button>
        </div>
      }
    >
      {shown === undefined ? (
        <p className="font-mono text-xs text-muted">whsec_••••••••••••••••••••••••</p>
      ) : (
        <CodeBlock code={shown.secret} label="Signing secret" wraps />
      )}
      {last !== undefined && (
        <p className="mt-2 text-xs text-muted">The secret before it signs beside it until {formatTime(last.expiresAt)}.</p>
      )}
      <ConfirmDialog
        isOpen={isRotating}
        onOpenChange={(isOpen) => {
          setIsRotating(isOpen);
          setHasLeaked(false);
        }}
        title="Make a new secret?"
        description="For 24 hours messages are signed with both, so that you can change the receiver without a gap."
        confirmLabel="Make a new secret"
        isDestructive={hasLeaked}
        onConfirm={async () => setRotated(await client.webhook.rotateSecret.mutate({ ...named, endsPrevious: hasLeaked }))}
      >
        <label htmlFor={leakId} className="flex items-center gap-2.5 text-sm">
          <Checkbox id={leakId} checked={hasLeaked} onCheckedChange={(isOn) => setHasLeaked(isOn === true)} />
          <span>The old one has leaked: stop using it now</span>
        </label>
      </ConfirmDialog>
    </SectionCard>
  );
}
