"use client";
import type { KnowledgeBaseResource } from "@heddle/schema";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog, DialogClose, DialogContent, DialogFooter } from "@/components/ui/dialog";
import { ErrorNote } from "@/components/ui/error-state";
import { FormField } from "@/components/ui/form-field";
import { Input } from "@/components/ui/input";
import { useTRPC } from "@/lib/trpc";
import { useWorkspace } from "@/lib/workspace";

export interface CreateKnowledgeDialogProps {
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
  onCreated: (knowledgeBase: KnowledgeBaseResource) => void;
}

/** Makes an empty knowledge base; documents are added on its own page. */
export function CreateKnowledgeDialog({ isOpen, onOpenChange, onCreated }: CreateKnowledgeDialogProps) {
  const trpc = useTRPC();
  const { workspace } = useWorkspace();
  const [name, setName] = useState("");
  const create = useMutation(trpc.knowledge.create.mutationOptions({ onSuccess: onCreated }));
  return (
    <Dialog open={isOpen} onOpenChange={onOpenChange}>
      <DialogContent title="New knowledge base" description="A place for the articles that answers are taken from." size="sm">
        <form
          onSubmit={(event) => {
            event.preventDefault();
            create.mutate({ workspaceId: workspace.id, name: name.trim() });
          }}
        >
          <FormField label="Name">
            {(control) => (
              <Input
                {...control}
                value={name}
                maxLength={120}
                placeholder="Help centre"
                onChange={(event) => setName(event.target.value)}
              />
            )}
          </FormField>
          <ErrorNote error={create.error} className="mt-3" />
          <DialogFooter>
            <DialogClose asChild>
              <Button>Cancel</Button>
            </DialogClose>
            <Button type="submit" variant="primary" isBusy={create.isPending} disabled={name.trim() === ""}>
              Create
            </Button>
          </DialogFooter>
        </form>
      </DialogContent>
    </Dialog>
  );
}
