"use client";
import { Tooltip as Primitive } from "radix-ui";
import type { ComponentProps, ReactNode } from "react";
import { Kbd } from "./kbd";

export const TooltipProvider = Primitive.Provider;

export interface TooltipProps {
  content: ReactNode;
  shortcut?: string;
  side?: ComponentProps<typeof Primitive.Content>["side"];
  children: ReactNode;
}

/** A short name for a control that shows only an icon. The control still needs its own `aria-label`. */
export function Tooltip({ content, shortcut, side = "bottom", children }: TooltipProps) {
  return (
    <Primitive.Root>
      <Primitive.Trigger asChild>{children}</Primitive.Trigger>
      <Primitive.Portal>
        <Primitive.Content
          side={side}
          sideOffset={6}
          collisionPadding={8}
          className="z-70 flex max-w-72 animate-fade items-center gap-2 rounded-md border border-line-strong bg-surface px-2 py-1 text-xs text-fg shadow-md"
        >
          {content}
          {shortcut !== undefined && <Kbd>{shortcut}</Kbd>}
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  );
}
