"use client";
import { Check } from "lucide-react";
import { DropdownMenu as Primitive } from "radix-ui";
import type { ComponentProps } from "react";
import { cn } from "@/lib/cn";
import { Kbd } from "./kbd";

export const DropdownMenu = Primitive.Root;
export const DropdownMenuTrigger = Primitive.Trigger;
export const DropdownMenuRadioGroup = Primitive.RadioGroup;

/** Looks shared by dropdown, context and command menus. */
export const menuPanelStyles =
  "z-60 min-w-44 max-w-80 animate-pop overflow-y-auto rounded-lg border border-line-strong bg-surface p-1 text-fg shadow-lg focus:outline-none";
export const menuItemStyles =
  "relative flex h-7 select-none items-center gap-2 rounded-md px-2 text-sm outline-none data-disabled:opacity-50 data-highlighted:bg-hover [&>svg]:size-3.5 [&>svg]:shrink-0 [&>svg]:text-subtle";

export function DropdownMenuContent({ className, sideOffset = 4, align = "start", ...props }: ComponentProps<typeof Primitive.Content>) {
  return (
    <Primitive.Portal>
      <Primitive.Content
        sideOffset={sideOffset}
        align={align}
        collisionPadding={8}
        className={cn(menuPanelStyles, "max-h-(--radix-dropdown-menu-content-available-height)", className)}
        {...props}
      />
    </Primitive.Portal>
  );
}

export interface DropdownMenuItemProps extends ComponentProps<typeof Primitive.Item> {
  isDestructive?: boolean;
  shortcut?: string;
}

export function DropdownMenuItem({ className, isDestructive = false, shortcut, children, ...props }: DropdownMenuItemProps) {
  return (
    <Primitive.Item
      className={cn(menuItemStyles, isDestructive && "text-bad data-highlighted:bg-bad-soft [&>svg]:text-bad", className)}
      {...props}
    >
      {children}
      {shortcut !== undefined && <Kbd className="ml-auto">{shortcut}</Kbd>}
    </Primitive.Item>
  );
}

export function DropdownMenuRadioItem({ className, children, ...props }: ComponentProps<typeof Primitive.RadioItem>) {
  return (
    <Primitive.RadioItem className={cn(menuItemStyles, "pr-8", className)} {...props}>
      {children}
      <Primitive.ItemIndicator className="absolute right-2">
        <Check className="size-3.5 text-accent-text" aria-hidden />
      </Primitive.ItemIndicator>
    </Primitive.RadioItem>
  );
}

export function DropdownMenuLabel({ className, ...props }: ComponentProps<typeof Primitive.Label>) {
  return <Primitive.Label className={cn("px-2 pb-1 pt-1.5 text-2xs font-medium text-subtle", className)} {...props} />;
}

export function DropdownMenuSeparator({ className, ...props }: ComponentProps<typeof Primitive.Separator>) {
  return <Primitive.Separator className={cn("-mx-1 my-1 h-px bg-line", className)} {...props} />;
}
