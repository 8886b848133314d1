import type { ComponentProps } from "react";
import { cn } from "@/lib/cn";

/** A grey stand-in with the size of what is being loaded. */
export function Skeleton({ className, ...props }: ComponentProps<"div">) {
  return <div aria-hidden className={cn("animate-shimmer rounded-md bg-active", className)} {...props} />;
}

/** Stands in for a list while it is loaded. */
export function SkeletonRows({ rows = 6, className }: { rows?: number; className?: string }) {
  return (
    <div role="status" aria-label="Loading" className={cn("divide-y divide-line", className)}>
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} className="flex h-11 items-center gap-4 px-4">
          <Skeleton className="h-3.5" style={{ width: `${28 + ((row * 37) % 24)}%` }} />
          <Skeleton className="ml-auto h-3.5 w-16" />
          <Skeleton className="h-3.5 w-24" />
        </div>
      ))}
    </div>
  );
}
