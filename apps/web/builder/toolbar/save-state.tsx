"use client";
import { Check, CloudOff, TriangleAlert } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog, DialogContent, DialogFooter } from "@/components/ui/dialog";
import { ErrorNote } from "@/components/ui/error-state";
import { useBuilder } from "../store/builder-context";
import { useSaving } from "../store/saving-context";

/** Whether what is seen is saved. A conflict opens a choice in which nothing is lost. */
export function SaveState() {
  const status = useBuilder((state) => state.saveStatus);
  const { retry } = useSaving();
  const [isPutAside, setIsPutAside] = useState(false);
  return (
    <div role="status" className="flex shrink-0 items-center text-xs text-subtle">
      {status === "saved" && (
        <span className="flex items-center gap-1">
          <Check className="size-3.5" aria-hidden />
          <span className="max-sm:sr-only">Saved</span>
        </span>
      )}
      {(status === "saving" || status === "unsaved") && <span className="max-sm:sr-only">Saving…</span>}
      {status === "offline" && (
        <Button
          variant="ghost"
          size="sm"
          className="text-warn"
          onClick={retry}
          title="Your changes are kept on this machine and saved as soon as Heddle answers."
        >
          <CloudOff aria-hidden />
          Offline, kept here
        </Button>
      )}
      {status === "failed" && (
        <Button variant="ghost" size="sm" className="text-bad" onClick={retry}>
          <TriangleAlert aria-hidden />
          Not saved. Try again
        </Button>
      )}
      {status === "conflict" && (
        <Button variant="ghost" size="sm" className="text-bad" onClick={() => setIsPutAside(false)}>
          <TriangleAlert aria-hidden />
          Conflict
        </Button>
      )}
      <ConflictDialog isOpen={status === "conflict" && !isPutAside} onClose={() => setIsPutAside(true)} />
    </div>
  );
}

function ConflictDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const { keepAsCopy, loadTheirs } = useSaving();
  const [busy, setBusy] = useState<"copy" | "theirs">();
  const [error, setError] = useState<unknown>();
  const act = async (which: "copy" | "theirs") => {
    setBusy(which);
    setError(undefined);
    await (which === "copy" ? keepAsCopy() : loadTheirs()).catch(setError);
    setBusy(undefined);
  };
  return (
    <Dialog open={isOpen} onOpenChange={(next) => !next && onClose()}>
      <DialogContent
        title="Someone else changed this agent"
        description="It was saved elsewhere after you opened it, so saving stopped before anything was overwritten. Your changes are kept on this machine."
        size="md"
      >
        <dl className="flex flex-col gap-3 text-sm">
          <div>
            <dt className="font-medium">Keep mine as a copy</dt>
            <dd className="text-muted">Saves what you see as a new agent and opens it. The other version stays as it is.</dd>
          </div>
          <div>
            <dt className="font-medium">Load the saved version</dt>
            <dd className="text-muted">Shows what was saved. Undo puts yours on top of it again.</dd>
          </div>
        </dl>
        <ErrorNote error={error} className="mt-3" />
        <DialogFooter>
          <Button isBusy={busy === "theirs"} onClick={() => void act("theirs")}>
            Load the saved version
          </Button>
          <Button variant="primary" isBusy={busy === "copy"} onClick={() => void act("copy")}>
            Keep mine as a copy
          </Button>
        </DialogFooter>
      </DialogContent>
    </Dialog>
  );
}
