"use client";
import { type ComponentProps, useSyncExternalStore } from "react";
import { cn } from "@/lib/cn";

/** A key or chord, written as on a Mac: `⌘K`. Elsewhere it is shown as `Ctrl K`. */
export function Kbd({ className, children, ...props }: Omit<ComponentProps<"kbd">, "children"> & { children: string }) {
  const isMac = useSyncExternalStore(subscribe, readIsMac, () => true);
  return (
    <kbd
      className={cn(
        "inline-flex h-4 min-w-4 items-center justify-center whitespace-nowrap rounded-xs border border-line bg-sunken px-1 font-sans text-2xs leading-none text-subtle",
        className,
      )}
      {...props}
    >
      {isMac ? children : children.replaceAll("⇧⌘", "Ctrl ⇧ ").replaceAll("⌘", "Ctrl ").replaceAll("⌫", "Del")}
    </kbd>
  );
}

const subscribe = () => () => undefined;
const readIsMac = () => /Mac|iPhone|iPad/.test(navigator.userAgent);
