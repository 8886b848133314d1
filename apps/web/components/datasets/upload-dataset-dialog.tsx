"use client";
import type { DatasetResource } from "@heddle/schema";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog, DialogClose, DialogContent, DialogFooter } from "@/components/ui/dialog";
import { ErrorNote } from "@/components/ui/error-state";
import { FileDrop } from "@/components/ui/file-drop";
import { FormField } from "@/components/ui/form-field";
import { Input } from "@/components/ui/input";
import { Progress } from "@/components/ui/progress";
import { upload } from "@/lib/rest";
import { useWorkspace } from "@/lib/workspace";

export interface UploadDatasetDialogProps {
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
  onUploaded: (dataset: DatasetResource) => void;
}

/** Takes a file of examples; says what is wrong with it when it can't be used. */
export function UploadDatasetDialog({ isOpen, onOpenChange, onUploaded }: UploadDatasetDialogProps) {
  const { workspace } = useWorkspace();
  const [files, setFiles] = useState<File[]>([]);
  const [name, setName] = useState("");
  const [sent, setSent] = useState(0);
  const file = files[0];
  const shownName = name === "" && file !== undefined ? file.name.replace(/\.[^.]+$/, "") : name;
  const mutation = useMutation({
    mutationFn: () => {
      const form = new FormData();
      form.set("name", shownName);
      if (file) form.set("file", file);
      return upload<DatasetResource>(`/api/workspaces/${workspace.id}/datasets`, form, { onProgress: setSent });
    },
    onSuccess: (dataset) => {
      change(false);
      onUploaded(dataset);
    },
  });
  const change = (next: boolean) => {
    if (!next) {
      setFiles([]);
      setName("");
      setSent(0);
      mutation.reset();
    }
    onOpenChange(next);
  };
  return (
    <Dialog open={isOpen} onOpenChange={change}>
      <DialogContent
        title="Upload a data set"
        description="A table of examples: what people write, and the label it should get. The first row names the columns."
      >
        <form
          className="flex flex-col gap-4"
          onSubmit={(event) => {
            event.preventDefault();
            mutation.mutate();
          }}
        >
          <FileDrop
            files={files}
            onFiles={setFiles}
            accept=".csv,.tsv,text/csv"
            label="Choose a CSV file"
            hint="CSV with columns such as text and label, 25 MB at most"
            isDisabled={mutation.isPending}
          />
          <FormField label="Name">
            {(control) => <Input {...control} value={shownName} maxLength={120} onChange={(event) => setName(event.target.value)} />}
          </FormField>
          {mutation.isPending && <Progress value={sent} label="Share of the file that is sent" />}
          <ErrorNote error={mutation.error} />
          <DialogFooter className="mt-1">
            <DialogClose asChild>
              <Button>Cancel</Button>
            </DialogClose>
            <Button type="submit" variant="primary" isBusy={mutation.isPending} disabled={file === undefined || shownName.trim() === ""}>
              Upload
            </Button>
          </DialogFooter>
        </form>
      </DialogContent>
    </Dialog>
  );
}
