"use client";
import { ToggleGroup as Primitive } from "radix-ui";
import type { ReactNode } from "react";
import { cn } from "@/lib/cn";

export interface SegmentedProps<V extends string> {
  value: V;
  onValueChange: (value: V) => void;
  options: readonly { value: V; label: ReactNode; ariaLabel?: string }[];
  "aria-label": string;
  className?: string;
}

/** Two to four choices side by side. */
export function Segmented<V extends string>({ value, onValueChange, options, className, ...props }: SegmentedProps<V>) {
  return (
    <Primitive.Root
      type="single"
      value={value}
      onValueChange={(next) => next !== "" && onValueChange(next as V)}
      className={cn("inline-flex h-8 items-center gap-0.5 rounded-md border border-line bg-sunken p-0.5", className)}
      {...props}
    >
      {options.map((option) => (
        <Primitive.Item
          key={option.value}
          value={option.value}
          aria-label={option.ariaLabel}
          className="flex h-full items-center gap-1.5 rounded-sm px-2.5 text-xs font-medium text-muted hover:text-fg data-[state=on]:bg-surface data-[state=on]:text-fg data-[state=on]:shadow-sm [&_svg]:size-3.5"
        >
          {option.label}
        </Primitive.Item>
      ))}
    </Primitive.Root>
  );
}
