import { Skeleton } from "@/components/ui/skeleton";

/** The builder while the agent is on its way. */
export function BuilderSkeleton() {
  return (
    <div role="status" aria-label="Loading" className="flex h-dvh flex-col">
      <div className="flex h-12 items-center gap-3 border-b border-line bg-surface px-3">
        <Skeleton className="size-6" />
        <Skeleton className="h-4 w-40" />
        <Skeleton className="ml-auto h-7 w-32" />
      </div>
      <div className="flex min-h-0 flex-1">
        <div className="hidden w-56 flex-col gap-3 border-r border-line bg-surface p-3 lg:flex">
          {[0, 1, 2, 3, 4, 5, 6, 7].map((row) => (
            <Skeleton key={row} className="h-6" />
          ))}
        </div>
        <div className="flex-1 bg-canvas" />
        <div className="hidden w-90 border-l border-line bg-surface p-4 md:block">
          <Skeleton className="mb-4 h-5 w-1/2" />
          <Skeleton className="mb-3 h-8" />
          <Skeleton className="mb-3 h-24" />
          <Skeleton className="h-8" />
        </div>
      </div>
    </div>
  );
}
