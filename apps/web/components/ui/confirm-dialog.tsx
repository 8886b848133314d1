"use client";
import { type ReactNode, useState } from "react";
import { Button } from "./button";
import { Dialog, DialogClose, DialogContent, DialogFooter } from "./dialog";
import { ErrorNote } from "./error-state";
import { FormField } from "./form-field";
import { Input } from "./input";

export interface ConfirmDialogProps {
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
  title: string;
  /** What will happen, and whether it can be undone. */
  description: ReactNode;
  /** Choices that belong to the question. */
  children?: ReactNode;
  /** A verb: "Delete agent". */
  confirmLabel: string;
  /** What must be typed first, for what can't be undone and hurts. */
  typeToConfirm?: string;
  isDestructive?: boolean;
  /** Closes when it resolves; shows the error and stays when it rejects. */
  onConfirm: () => Promise<unknown>;
}

/** Asks before doing what is hard to undo. */
export function ConfirmDialog({
  isOpen,
  onOpenChange,
  title,
  description,
  children,
  confirmLabel,
  typeToConfirm,
  isDestructive = true,
  onConfirm,
}: ConfirmDialogProps) {
  const [error, setError] = useState<unknown>();
  const [isBusy, setIsBusy] = useState(false);
  const [typed, setTyped] = useState("");
  const change = (next: boolean) => {
    setError(undefined);
    setTyped("");
    onOpenChange(next);
  };
  const confirm = async () => {
    setIsBusy(true);
    setError(undefined);
    try {
      await onConfirm();
      change(false);
    } catch (thrown) {
      setError(thrown);
    } finally {
      setIsBusy(false);
    }
  };
  return (
    <Dialog open={isOpen} onOpenChange={change}>
      <DialogContent title={title} description={description} size="sm">
        {children}
        {typeToConfirm !== undefined && (
          <FormField
            label={
              <>
                Type <span className="font-mono">{typeToConfirm}</span> to confirm
              </>
            }
          >
            {(control) => <Input {...control} value={typed} onChange={(event) => setTyped(event.target.value)} autoComplete="off" />}
          </FormField>
        )}
        <ErrorNote error={error} className="mt-3" />
        <DialogFooter>
          <DialogClose asChild>
            <Button>Cancel</Button>
          </DialogClose>
          <Button
            variant={isDestructive ? "danger" : "primary"}
            isBusy={isBusy}
            disabled={typeToConfirm !== undefined && typed !== typeToConfirm}
            onClick={() => void confirm()}
          >
            {confirmLabel}
          </Button>
        </DialogFooter>
      </DialogContent>
    </Dialog>
  );
}
