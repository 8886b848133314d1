"use client";
import { Toaster as Sonner } from "sonner";

/** Where toasts appear. `import { toast } from "sonner"` to show one; for errors use `toastError`. */
export function Toaster() {
  return (
    <Sonner
      position="bottom-right"
      gap={8}
      toastOptions={{
        unstyled: true,
        classNames: {
          toast:
            "flex w-80 items-start gap-2.5 rounded-lg border border-line-strong bg-surface px-3.5 py-3 font-sans text-sm text-fg shadow-lg",
          title: "font-medium",
          description: "mt-0.5 text-muted",
          actionButton: "ml-auto shrink-0 rounded-md px-2 py-0.5 text-xs font-medium text-accent-text hover:bg-hover",
          icon: "mt-0.5 [&_svg]:size-4",
          success: "[&_[data-icon]]:text-ok",
          error: "[&_[data-icon]]:text-bad",
        },
      }}
    />
  );
}
