"use client";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog, DialogClose, DialogContent, DialogFooter } from "@/components/ui/dialog";
import { ErrorNote } from "@/components/ui/error-state";
import { FileDrop } from "@/components/ui/file-drop";
import { Progress } from "@/components/ui/progress";
import { upload } from "@/lib/rest";

export interface AddDocumentsDialogProps {
  knowledgeBaseId: string;
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
  onAdded: () => void;
}

/** Sends files to a knowledge base, one after another, so that a bad one doesn't stop the rest. */
export function AddDocumentsDialog({ knowledgeBaseId, isOpen, onOpenChange, onAdded }: AddDocumentsDialogProps) {
  const [files, setFiles] = useState<File[]>([]);
  const [sent, setSent] = useState(0);
  const mutation = useMutation({
    mutationFn: async () => {
      for (const [index, file] of files.entries()) {
        const form = new FormData();
        form.set("file", file);
        try {
          await upload(`/api/knowledge-bases/${knowledgeBaseId}/documents`, form, {
            onProgress: (share) => setSent((index + share) / files.length),
          });
        } catch (error) {
          setFiles(files.slice(index));
          throw error;
        }
      }
    },
    onSuccess: () => change(false),
    onSettled: onAdded,
  });
  const change = (next: boolean) => {
    if (!next) {
      setFiles([]);
      setSent(0);
      mutation.reset();
    }
    onOpenChange(next);
  };
  return (
    <Dialog open={isOpen} onOpenChange={change}>
      <DialogContent
        title="Add documents"
        description="Each is cut into passages that can be found by meaning. Answers say which passage they came from."
      >
        <div className="flex flex-col gap-4">
          <FileDrop
            files={files}
            onFiles={setFiles}
            isMultiple
            accept=".txt,.md,.markdown,.csv,text/plain,text/markdown,text/csv"
            label="Choose files"
            hint="Text, Markdown or CSV, 25 MB at most each"
            isDisabled={mutation.isPending}
          />
          {mutation.isPending && <Progress value={sent} label="Share of the files that is sent" />}
          <ErrorNote error={mutation.error} />
        </div>
        <DialogFooter>
          <DialogClose asChild>
            <Button>Cancel</Button>
          </DialogClose>
          <Button variant="primary" isBusy={mutation.isPending} disabled={files.length === 0} onClick={() => mutation.mutate()}>
            Add {files.length > 1 ? `${files.length} documents` : "document"}
          </Button>
        </DialogFooter>
      </DialogContent>
    </Dialog>
  );
}
