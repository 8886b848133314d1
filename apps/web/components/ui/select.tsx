"use client";
import { Check, ChevronDown } from "lucide-react";
import { Select as Primitive } from "radix-ui";
import type { ReactNode } from "react";
import { cn } from "@/lib/cn";
import { fieldStyles } from "./input";

export interface SelectOption {
  value: string;
  label: string;
  help?: string | undefined;
  icon?: ReactNode;
}

export interface SelectProps {
  value: string | undefined;
  onValueChange: (value: string) => void;
  options: readonly SelectOption[];
  placeholder?: string;
  id?: string;
  className?: string;
  size?: "sm" | "md";
  isDisabled?: boolean;
  "aria-label"?: string;
  "aria-describedby"?: string;
  "aria-invalid"?: boolean;
}

/** A choice of one from a short list. */
export function Select({
  value,
  onValueChange,
  options,
  placeholder = "Choose…",
  className,
  size = "md",
  isDisabled = false,
  ...props
}: SelectProps) {
  return (
    <Primitive.Root value={value ?? ""} onValueChange={onValueChange} disabled={isDisabled}>
      <Primitive.Trigger
        {...props}
        className={cn(
          fieldStyles,
          "flex items-center justify-between gap-2 px-2.5 text-left data-placeholder:text-subtle [&>span]:truncate",
          size === "sm" ? "h-7 text-xs" : "h-8",
          className,
        )}
      >
        <Primitive.Value placeholder={placeholder} />
        <Primitive.Icon>
          <ChevronDown className="size-3.5 text-subtle" aria-hidden />
        </Primitive.Icon>
      </Primitive.Trigger>
      <Primitive.Portal>
        <Primitive.Content
          position="popper"
          sideOffset={4}
          className="z-60 max-h-(--radix-select-content-available-height) min-w-(--radix-select-trigger-width) max-w-96 animate-pop overflow-hidden rounded-lg border border-line-strong bg-surface shadow-lg"
        >
          <Primitive.Viewport className="p-1">
            {options.map((option) => (
              <Primitive.Item
                key={option.value}
                value={option.value}
                className="relative flex select-none items-start gap-2 rounded-md py-1.5 pl-2 pr-8 text-sm outline-none data-highlighted:bg-hover data-disabled:opacity-50"
              >
                {option.icon}
                <span className="min-w-0">
                  <Primitive.ItemText>{option.label}</Primitive.ItemText>
                  {option.help !== undefined && <span className="block text-xs text-muted">{option.help}</span>}
                </span>
                <Primitive.ItemIndicator className="absolute right-2 top-2">
                  <Check className="size-3.5 text-accent-text" aria-hidden />
                </Primitive.ItemIndicator>
              </Primitive.Item>
            ))}
          </Primitive.Viewport>
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  );
}
