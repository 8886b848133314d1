"use client";
import { X } from "lucide-react";
import { Dialog as Primitive } from "radix-ui";
import type { ComponentProps, ReactNode } from "react";
import { cn } from "@/lib/cn";
import { Button } from "./button";

export const Dialog = Primitive.Root;
export const DialogClose = Primitive.Close;

export interface DialogContentProps extends Omit<ComponentProps<typeof Primitive.Content>, "title"> {
  title: ReactNode;
  /** One sentence under the title. */
  description?: ReactNode;
  size?: "sm" | "md" | "lg" | "xl";
}

const widths = { sm: "max-w-sm", md: "max-w-lg", lg: "max-w-2xl", xl: "max-w-4xl" };

/** A centred dialog with its title, a close button, and whatever it holds. End it with {@link DialogFooter}. */
export function DialogContent({ title, description, size = "md", className, children, ...props }: DialogContentProps) {
  return (
    <Primitive.Portal>
      <Primitive.Overlay className="fixed inset-0 z-50 animate-fade bg-scrim" />
      <Primitive.Content
        {...(description === undefined ? { "aria-describedby": undefined } : {})}
        className={cn(
          "fixed left-1/2 top-[max(5vh,16px)] z-50 flex max-h-[90vh] w-[calc(100vw-24px)] -translate-x-1/2 animate-fade flex-col rounded-xl border border-line-strong bg-surface shadow-lg focus:outline-none sm:top-[12vh] sm:max-h-[76vh]",
          widths[size],
          className,
        )}
        {...props}
      >
        <div className="flex items-start gap-3 px-5 pb-1 pt-4">
          <div className="min-w-0 flex-1">
            <Primitive.Title className="text-lg font-semibold tracking-tight text-fg">{title}</Primitive.Title>
            {description !== undefined && <Primitive.Description className="mt-1 text-sm text-muted">{description}</Primitive.Description>}
          </div>
          <Primitive.Close asChild>
            <Button variant="ghost" size="iconSm" aria-label="Close" className="-mr-1.5">
              <X aria-hidden />
            </Button>
          </Primitive.Close>
        </div>
        <div className="min-h-0 flex-1 overflow-y-auto px-5 pb-5 pt-3">{children}</div>
      </Primitive.Content>
    </Primitive.Portal>
  );
}

export function DialogFooter({ className, ...props }: ComponentProps<"div">) {
  return <div className={cn("mt-5 flex flex-wrap justify-end gap-2", className)} {...props} />;
}
