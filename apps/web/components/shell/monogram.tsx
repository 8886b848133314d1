import { cn } from "@/lib/cn";

/** The first letter of a name on a small tile. */
export function Monogram({ name, className }: { name: string; className?: string }) {
  return (
    <span
      aria-hidden
      className={cn(
        "flex size-5 shrink-0 items-center justify-center rounded-sm bg-accent-soft text-2xs font-semibold uppercase text-accent-text",
        className,
      )}
    >
      {[...name.trim()][0] ?? "?"}
    </span>
  );
}
