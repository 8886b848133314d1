"use client";
import type { AgentResource } from "@heddle/schema";
import { useMutation } from "@tanstack/react-query";
import { Copy, Ellipsis, History, Trash2 } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import { toast } from "sonner";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from "@/components/ui/dropdown-menu";
import { toastError } from "@/lib/toast-error";
import { useTRPC, useTRPCClient } from "@/lib/trpc";
import { useWorkspace } from "@/lib/workspace";

/** What can be done with an agent from the list. */
export function AgentMenu({ agent, onChanged }: { agent: AgentResource; onChanged: () => void }) {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const { canEdit } = useWorkspace();
  const [isDeleting, setIsDeleting] = useState(false);
  const duplicate = useMutation(
    trpc.agent.duplicate.mutationOptions({
      onSuccess: (copy) => {
        toast.success(`“${copy.name}” is made`);
        onChanged();
      },
      onError: toastError,
    }),
  );
  return (
    <>
      <DropdownMenu>
        <DropdownMenuTrigger asChild>
          <Button variant="ghost" size="iconSm" aria-label={`More about ${agent.name}`}>
            <Ellipsis aria-hidden />
          </Button>
        </DropdownMenuTrigger>
        <DropdownMenuContent align="end">
          <DropdownMenuItem asChild>
            <Link href={`/executions?agent=${agent.id}`}>
              <History aria-hidden />
              Executions
            </Link>
          </DropdownMenuItem>
          {canEdit && (
            <>
              <DropdownMenuItem onSelect={() => duplicate.mutate({ id: agent.id })}>
                <Copy aria-hidden />
                Duplicate
              </DropdownMenuItem>
              <DropdownMenuSeparator />
              <DropdownMenuItem isDestructive onSelect={() => setIsDeleting(true)}>
                <Trash2 aria-hidden />
                Delete…
              </DropdownMenuItem>
            </>
          )}
        </DropdownMenuContent>
      </DropdownMenu>
      <ConfirmDialog
        isOpen={isDeleting}
        onOpenChange={setIsDeleting}
        title={`Delete “${agent.name}”?`}
        description="Its deployment stops answering. This can't be undone."
        confirmLabel="Delete agent"
        onConfirm={async () => {
          await client.agent.delete.mutate({ id: agent.id });
          onChanged();
        }}
      />
    </>
  );
}
