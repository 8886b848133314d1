"use client";
import { X } from "lucide-react";
import { Dialog as Primitive } from "radix-ui";
import type { ComponentProps, ReactNode } from "react";
import { cn } from "@/lib/cn";
import { Button } from "./button";

export const Sheet = Primitive.Root;
export const SheetTrigger = Primitive.Trigger;

export interface SheetContentProps extends Omit<ComponentProps<typeof Primitive.Content>, "title"> {
  title: ReactNode;
  description?: ReactNode;
  side?: "left" | "right";
  /** The title is read to screen readers only. */
  hidesTitle?: boolean;
}

/** A panel that slides in from the side, over the page. */
export function SheetContent({ title, description, side = "right", hidesTitle = false, className, children, ...props }: SheetContentProps) {
  return (
    <Primitive.Portal>
      <Primitive.Overlay className="fixed inset-0 z-50 animate-fade bg-scrim" />
      <Primitive.Content
        {...(description === undefined ? { "aria-describedby": undefined } : {})}
        className={cn(
          "fixed inset-y-0 z-50 flex w-[calc(100vw-48px)] animate-fade flex-col border-line-strong bg-surface shadow-lg focus:outline-none",
          side === "right" ? "right-0 max-w-lg border-l" : "left-0 max-w-64 border-r",
          className,
        )}
        {...props}
      >
        <div className={cn("flex items-start gap-3 border-b border-line px-4 py-3", hidesTitle && "sr-only")}>
          <div className="min-w-0 flex-1">
            <Primitive.Title className="text-base font-semibold text-fg">{title}</Primitive.Title>
            {description !== undefined && (
              <Primitive.Description className="mt-0.5 text-sm text-muted">{description}</Primitive.Description>
            )}
          </div>
          <Primitive.Close asChild>
            <Button variant="ghost" size="iconSm" aria-label="Close">
              <X aria-hidden />
            </Button>
          </Primitive.Close>
        </div>
        <div className="min-h-0 flex-1 overflow-y-auto">{children}</div>
      </Primitive.Content>
    </Primitive.Portal>
  );
}
