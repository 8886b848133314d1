"use client";
import { CircleAlert } from "lucide-react";
import { type ReactNode, useId } from "react";
import { cn } from "@/lib/cn";

/** What the control of a {@link FormField} must be given. */
export interface FieldControlProps {
  id: string;
  "aria-describedby"?: string;
  "aria-invalid"?: boolean;
}

export interface FormFieldProps {
  label: ReactNode;
  help?: ReactNode;
  error?: ReactNode;
  isOptional?: boolean;
  /** Beside the label, right-aligned. */
  aside?: ReactNode;
  className?: string;
  /** Renders the control; spread the given props on it. */
  children: (control: FieldControlProps) => ReactNode;
}

/** A label, its control, help and error, tied together for screen readers. */
export function FormField({ label, help, error, isOptional = false, aside, className, children }: FormFieldProps) {
  const id = useId();
  const noteId = `${id}-note`;
  const hasNote = help !== undefined || error !== undefined;
  return (
    <div className={cn("flex flex-col gap-1.5", className)}>
      <div className="flex items-center justify-between gap-2">
        <label htmlFor={id} className="text-xs font-medium text-fg">
          {label}
          {isOptional && <span className="ml-1 font-normal text-subtle">optional</span>}
        </label>
        {aside}
      </div>
      {children({ id, ...(hasNote ? { "aria-describedby": noteId } : {}), ...(error === undefined ? {} : { "aria-invalid": true }) })}
      {hasNote && (
        <div id={noteId} className="text-xs text-muted">
          {error !== undefined ? (
            <span className="flex items-start gap-1 text-bad">
              <CircleAlert className="mt-0.5 size-3 shrink-0" aria-hidden />
              {error}
            </span>
          ) : (
            help
          )}
        </div>
      )}
    </div>
  );
}
