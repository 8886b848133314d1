"use client";
import { Progress as Primitive } from "radix-ui";
import { cn } from "@/lib/cn";

/** How far something has come, 0…1. */
export function Progress({ value, label, className }: { value: number; label: string; className?: string }) {
  const percent = Math.round(Math.min(1, Math.max(0, value)) * 100);
  return (
    <Primitive.Root value={percent} aria-label={label} className={cn("h-1.5 w-full overflow-hidden rounded-full bg-active", className)}>
      <Primitive.Indicator className="h-full rounded-full bg-accent transition-[width] duration-300" style={{ width: `${percent}%` }} />
    </Primitive.Root>
  );
}
