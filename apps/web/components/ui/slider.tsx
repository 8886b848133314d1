"use client";
import { Slider as Primitive } from "radix-ui";
import { cn } from "@/lib/cn";

export interface SliderProps {
  value: number;
  onValueChange: (value: number) => void;
  min: number;
  max: number;
  step?: number;
  id?: string;
  className?: string;
  isDisabled?: boolean;
  "aria-label"?: string;
}

/** One number in a range. Show the number itself beside it. */
export function Slider({ value, onValueChange, min, max, step = 1, className, isDisabled = false, ...props }: SliderProps) {
  const { "aria-label": label, ...rest } = props;
  return (
    <Primitive.Root
      {...rest}
      value={[value]}
      onValueChange={([next]) => next !== undefined && onValueChange(next)}
      min={min}
      max={max}
      step={step}
      disabled={isDisabled}
      className={cn("relative flex h-5 w-full touch-none select-none items-center data-disabled:opacity-50", className)}
    >
      <Primitive.Track className="relative h-1 w-full grow rounded-full bg-line-strong">
        <Primitive.Range className="absolute h-full rounded-full bg-accent" />
      </Primitive.Track>
      <Primitive.Thumb
        {...(label === undefined ? {} : { "aria-label": label })}
        className="block size-3.5 rounded-full border border-accent bg-white shadow-sm"
      />
    </Primitive.Root>
  );
}
