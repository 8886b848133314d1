"use client";
import type { ComponentProps } from "react";
import { cn } from "@/lib/cn";

/** Looks shared by every field that text goes into. */
export const fieldStyles =
  "w-full rounded-md border border-line-strong bg-surface text-sm text-fg shadow-xs transition-[border-color,box-shadow] duration-100 hover:border-control focus-visible:border-accent focus-visible:outline-none focus-visible:ring-2 focus-visible:ring-accent/30 disabled:cursor-not-allowed disabled:bg-sunken disabled:text-muted aria-invalid:border-bad aria-invalid:ring-bad/25";

export function Input({ className, type = "text", ...props }: ComponentProps<"input">) {
  return <input type={type} className={cn(fieldStyles, "h-8 px-2.5 read-only:bg-sunken", className)} {...props} />;
}

export function Textarea({ className, rows = 3, ...props }: ComponentProps<"textarea">) {
  return <textarea rows={rows} className={cn(fieldStyles, "block min-h-8 resize-y px-2.5 py-1.5", className)} {...props} />;
}
