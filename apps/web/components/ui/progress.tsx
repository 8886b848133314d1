"use client";
import { Progress as Primitive } from "radix-ui";
import { cn } from "@/lib/cn";

const TONES = { accent: "bg-accent", warn: "bg-warn", bad: "bg-bad" };

export interface ProgressProps {
  /** 0…1 */
  value: number;
  label: string;
  /** Where much of it is no good news. */
  tone?: keyof typeof TONES;
  className?: string;
}

/** How far something has come. */
export function Progress({ value, label, tone = "accent", className }: ProgressProps) {
  const percent = Math.round(Math.min(1, Math.max(0, value)) * 100);
  return (
    <Primitive.Root value={percent} aria-label={label} className={cn("h-1.5 w-full overflow-hidden rounded-full bg-active", className)}>
      <Primitive.Indicator
        className={cn("h-full rounded-full transition-[width] duration-300", TONES[tone])}
        style={{ width: `${percent}%` }}
      />
    </Primitive.Root>
  );
}
