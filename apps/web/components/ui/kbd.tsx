import type { ComponentProps } from "react";
import { cn } from "@/lib/cn";

/** A key or chord: `⌘K`. */
export function Kbd({ className, ...props }: ComponentProps<"kbd">) {
  return (
    <kbd
      className={cn(
        "inline-flex h-4 min-w-4 items-center justify-center rounded-xs border border-line bg-sunken px-1 font-sans text-2xs leading-none text-subtle",
        className,
      )}
      {...props}
    />
  );
}
