"use client";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog, DialogClose, DialogContent, DialogFooter } from "@/components/ui/dialog";
import { ErrorNote } from "@/components/ui/error-state";
import { FormField } from "@/components/ui/form-field";
import { Input } from "@/components/ui/input";
import { parseLimit } from "./limit-fields";

export interface RateDialogProps<Key extends string> {
  title: string;
  description: string;
  fields: readonly { key: Key; label: string; help: string; placeholder: string }[];
  values: Record<Key, number | null>;
  onClose: () => void;
  /** Rejects where it could not be saved. */
  onSave: (values: Record<Key, number | null>) => Promise<unknown>;
}

const WHOLE = { isWhole: true, least: 1 };

/** Whole numbers to be chosen, each of which may be left empty. */
export function RateDialog<Key extends string>({ title, description, fields, values, onClose, onSave }: RateDialogProps<Key>) {
  const [typed, setTyped] = useState<Record<string, string>>(() =>
    Object.fromEntries(fields.map(({ key }) => [key, values[key] === null ? "" : String(values[key])])),
  );
  const [error, setError] = useState<unknown>();
  const [isSaving, setIsSaving] = useState(false);
  const parsed = Object.fromEntries(fields.map(({ key }) => [key, parseLimit(typed[key] ?? "", WHOLE)])) as Record<
    Key,
    number | null | undefined
  >;
  const isValid = fields.every(({ key }) => parsed[key] !== undefined);
  const save = async () => {
    if (!isValid) return;
    setIsSaving(true);
    setError(undefined);
    try {
      await onSave(parsed as Record<Key, number | null>);
      onClose();
    } catch (caught) {
      setError(caught);
    } finally {
      setIsSaving(false);
    }
  };
  return (
    <Dialog open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <DialogContent title={title} description={description} size="sm">
        <form
          noValidate
          className="flex flex-col gap-4"
          onSubmit={(event) => {
            event.preventDefault();
            void save();
          }}
        >
          {fields.map(({ key, label, help, placeholder }) => (
            <FormField
              key={key}
              label={label}
              help={help}
              error={parsed[key] === undefined ? "Enter a whole number above 0, or nothing" : undefined}
            >
              {(control) => (
                <Input
                  {...control}
                  inputMode="numeric"
                  value={typed[key] ?? ""}
                  placeholder={placeholder}
                  maxLength={12}
                  onChange={(event) => setTyped({ ...typed, [key]: event.target.value })}
                />
              )}
            </FormField>
          ))}
          <ErrorNote error={error} />
          <DialogFooter className="mt-1">
            <DialogClose asChild>
              <Button>Cancel</Button>
            </DialogClose>
            <Button type="submit" variant="primary" isBusy={isSaving} disabled={!isValid}>
              Save
            </Button>
          </DialogFooter>
        </form>
      </DialogContent>
    </Dialog>
  );
}
