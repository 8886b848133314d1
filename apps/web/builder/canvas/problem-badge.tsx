import { CircleAlert, TriangleAlert } from "lucide-react";
import { cn } from "@/lib/cn";

/** How many problems a node has, at the corner of its card. */
export function ProblemBadge({ problems }: { problems: { errors: number; warnings: number } | undefined }) {
  const { errors = 0, warnings = 0 } = problems ?? {};
  if (errors + warnings === 0) return null;
  return (
    <span
      className={cn(
        "absolute -right-1.5 -top-1.5 flex h-4 min-w-4 items-center justify-center gap-0.5 rounded-full px-1 text-[10px] font-semibold leading-none",
        errors > 0 ? "bg-bad text-white dark:text-black" : "border border-warn-line bg-warn-soft text-warn",
      )}
    >
      {errors > 0 ? <CircleAlert className="size-2.5" aria-hidden /> : <TriangleAlert className="size-2.5" aria-hidden />}
      {errors > 0 ? errors : warnings}
      <span className="sr-only">{`${errors > 0 ? "problem" : "warning"}${(errors || warnings) === 1 ? "" : "s"}`}</span>
    </span>
  );
}
