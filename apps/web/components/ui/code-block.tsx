"use client";
import { cn } from "@/lib/cn";
import { CopyButton } from "./copy-button";

/** Text in a fixed-width face with a copy button: commands, JSON. Scrolls where it is long, unless it `wraps`. */
export function CodeBlock({ code, label, wraps = false, className }: { code: string; label: string; wraps?: boolean; className?: string }) {
  return (
    <div className={cn("group relative min-w-0 rounded-md border border-line bg-sunken", className)}>
      <pre
        tabIndex={0}
        aria-label={label}
        className={cn(
          "max-h-80 overflow-auto rounded-md p-3 pr-10 font-mono text-xs leading-5 text-fg",
          wraps && "whitespace-pre-wrap break-all",
        )}
      >
        <code>{code}</code>
      </pre>
      <CopyButton value={code} what={label} size="iconXs" className="absolute right-1.5 top-1.5 bg-sunken" />
    </div>
  );
}
