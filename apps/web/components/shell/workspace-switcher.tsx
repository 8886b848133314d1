"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { ChevronsUpDown, Plus } from "lucide-react";
import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog, DialogClose, DialogContent, DialogFooter } from "@/components/ui/dialog";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuLabel,
  DropdownMenuRadioGroup,
  DropdownMenuRadioItem,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from "@/components/ui/dropdown-menu";
import { ErrorNote } from "@/components/ui/error-state";
import { FormField } from "@/components/ui/form-field";
import { Input } from "@/components/ui/input";
import { useTRPC } from "@/lib/trpc";
import { useWorkspace } from "@/lib/workspace";
import { Monogram } from "./monogram";

/** Shows the current workspace, switches to another, makes a new one. */
export function WorkspaceSwitcher() {
  const { workspace, workspaces, switchTo } = useWorkspace();
  const router = useRouter();
  const [isCreating, setIsCreating] = useState(false);
  // What is open belongs to the workspace that is left.
  const change = (id: string) => {
    switchTo(id);
    router.push("/agents");
  };
  return (
    <>
      <DropdownMenu>
        <DropdownMenuTrigger asChild>
          <button
            type="button"
            className="flex h-9 min-w-0 flex-1 items-center gap-2 rounded-md px-2 text-left hover:bg-hover data-[state=open]:bg-hover"
          >
            <Monogram name={workspace.name} />
            <span className="min-w-0 flex-1 truncate text-sm font-semibold tracking-tight">{workspace.name}</span>
            <ChevronsUpDown className="size-3.5 shrink-0 text-subtle" aria-hidden />
            <span className="sr-only">Switch workspace</span>
          </button>
        </DropdownMenuTrigger>
        <DropdownMenuContent className="w-56">
          <DropdownMenuLabel>Workspaces</DropdownMenuLabel>
          <DropdownMenuRadioGroup value={workspace.id} onValueChange={change}>
            {workspaces.map((item) => (
              <DropdownMenuRadioItem key={item.id} value={item.id}>
                <Monogram name={item.name} />
                <span className="truncate">{item.name}</span>
              </DropdownMenuRadioItem>
            ))}
          </DropdownMenuRadioGroup>
          <DropdownMenuSeparator />
          <DropdownMenuItem onSelect={() => setIsCreating(true)}>
            <Plus aria-hidden />
            New workspace
          </DropdownMenuItem>
        </DropdownMenuContent>
      </DropdownMenu>
      <CreateWorkspaceDialog isOpen={isCreating} onOpenChange={setIsCreating} onCreated={change} />
    </>
  );
}

function CreateWorkspaceDialog({
  isOpen,
  onOpenChange,
  onCreated,
}: {
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
  onCreated: (id: string) => void;
}) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const [name, setName] = useState("");
  const create = useMutation(
    trpc.workspace.create.mutationOptions({
      onSuccess: async (workspace) => {
        await queryClient.invalidateQueries({ queryKey: trpc.workspace.list.queryKey() });
        onOpenChange(false);
        setName("");
        onCreated(workspace.id);
      },
    }),
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate({ name });
  };
  return (
    <Dialog open={isOpen} onOpenChange={onOpenChange}>
      <DialogContent
        title="New workspace"
        description="Agents, data and members of one workspace are kept apart from every other."
        size="sm"
      >
        <form onSubmit={submit}>
          <FormField label="Name">
            {(control) => (
              <Input {...control} value={name} onChange={(event) => setName(event.target.value)} maxLength={120} required autoFocus />
            )}
          </FormField>
          <ErrorNote error={create.error} className="mt-3" />
          <DialogFooter>
            <DialogClose asChild>
              <Button>Cancel</Button>
            </DialogClose>
            <Button type="submit" variant="primary" isBusy={create.isPending} disabled={name.trim() === ""}>
              Create workspace
            </Button>
          </DialogFooter>
        </form>
      </DialogContent>
    </Dialog>
  );
}
