"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { toast } from "sonner";
import { Button } from "@/components/ui/button";
import { SectionCard } from "@/components/ui/card";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { ErrorNote } from "@/components/ui/error-state";
import { FormField } from "@/components/ui/form-field";
import { Input } from "@/components/ui/input";
import { useTRPC, useTRPCClient } from "@/lib/trpc";
import { useWorkspace } from "@/lib/workspace";

/** The workspace's name, and its end. */
export function WorkspaceCard() {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const queries = useQueryClient();
  const { workspace, canAdminister } = useWorkspace();
  const [name, setName] = useState(workspace.name);
  const [isDeleting, setIsDeleting] = useState(false);
  const update = useMutation(
    trpc.workspace.update.mutationOptions({
      onSuccess: async () => {
        toast.success("The name is saved");
        await queries.invalidateQueries(trpc.workspace.list.queryFilter());
      },
    }),
  );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        update.mutate({ id: workspace.id, name: name.trim() });
      }}
    >
      <SectionCard
        title="Workspace"
        {...(canAdminister
          ? {
              footer: (
                <>
                  {workspace.role === "OWNER" && (
                    <Button variant="dangerGhost" className="mr-auto" onClick={() => setIsDeleting(true)}>
                      Delete the workspace
                    </Button>
                  )}
                  <Button type="submit" isBusy={update.isPending} disabled={name.trim() === "" || name.trim() === workspace.name}>
                    Save
                  </Button>
                </>
              ),
            }
          : {})}
      >
        <FormField label="Name" className="max-w-sm">
          {(control) => (
            <Input {...control} value={name} maxLength={120} readOnly={!canAdminister} onChange={(event) => setName(event.target.value)} />
          )}
        </FormField>
        <ErrorNote error={update.error} className="mt-3" />
      </SectionCard>
      <ConfirmDialog
        isOpen={isDeleting}
        onOpenChange={setIsDeleting}
        title={`Delete ${workspace.name}?`}
        description="All its agents, runs, data and keys go with it. This can't be undone."
        typeToConfirm={workspace.name}
        confirmLabel="Delete the workspace"
        onConfirm={async () => {
          await client.workspace.delete.mutate({ id: workspace.id });
          window.location.assign("/agents");
        }}
      />
    </form>
  );
}
