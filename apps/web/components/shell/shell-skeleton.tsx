import { Skeleton, SkeletonRows } from "@/components/ui/skeleton";

/** The frame while it is not known who is looking. */
export function ShellSkeleton() {
  return (
    <div className="flex min-h-dvh">
      <div className="hidden w-58 shrink-0 flex-col gap-3 border-r border-line bg-sunken p-3 md:flex">
        <Skeleton className="h-7" />
        {[0, 1, 2, 3, 4, 5].map((row) => (
          <Skeleton key={row} className="h-5 w-3/4" />
        ))}
      </div>
      <div className="min-w-0 flex-1">
        <PageSkeleton />
      </div>
    </div>
  );
}

/** A page while its code or data is on the way. */
export function PageSkeleton() {
  return (
    <div className="mx-auto w-full max-w-6xl px-4 py-6 sm:px-8">
      <Skeleton className="mb-2 h-6 w-44" />
      <Skeleton className="mb-6 h-4 w-72 max-w-full" />
      <SkeletonRows className="rounded-lg border border-line bg-surface" />
    </div>
  );
}
