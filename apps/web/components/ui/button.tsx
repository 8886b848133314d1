"use client";
import { cva, type VariantProps } from "class-variance-authority";
import { Slot } from "radix-ui";
import type { ComponentProps } from "react";
import { cn } from "@/lib/cn";

const styles = cva(
  "inline-flex shrink-0 select-none items-center justify-center gap-1.5 whitespace-nowrap rounded-md font-medium transition-[background-color,border-color,color,box-shadow] duration-100 disabled:pointer-events-none disabled:opacity-50 aria-disabled:opacity-50 [&_svg]:shrink-0",
  {
    variants: {
      variant: {
        primary: "bg-accent text-accent-fg shadow-xs hover:bg-accent-hover active:bg-accent-hover",
        secondary: "border border-line-strong bg-surface text-fg shadow-xs hover:bg-hover active:bg-active",
        ghost: "text-muted hover:bg-hover hover:text-fg active:bg-active data-[state=open]:bg-hover data-[state=open]:text-fg",
        danger: "bg-bad text-white shadow-xs hover:bg-bad-hover dark:text-black",
        dangerGhost: "text-bad hover:bg-bad-soft",
        link: "h-auto! px-0! text-accent-text underline-offset-3 hover:underline",
      },
      size: {
        sm: "h-7 px-2.5 text-xs [&_svg]:size-3.5",
        md: "h-8 px-3 text-sm [&_svg]:size-4",
        lg: "h-10 px-4 text-base [&_svg]:size-4",
        icon: "size-8 [&_svg]:size-4",
        iconSm: "size-7 [&_svg]:size-3.5",
        iconXs: "size-6 rounded-sm [&_svg]:size-3.5",
      },
    },
    defaultVariants: { variant: "secondary", size: "md" },
  },
);

export interface ButtonProps extends ComponentProps<"button">, VariantProps<typeof styles> {
  /** Renders the child (a link, say) with the looks of a button. */
  asChild?: boolean;
  /** Shows that the action is under way and takes no more clicks. Keeps the button's width. */
  isBusy?: boolean;
}

/** The one button. `primary` at most once in view. */
export function Button({ className, variant, size, asChild = false, isBusy = false, type, children, disabled, ...props }: ButtonProps) {
  const classes = cn(styles({ variant, size }), isBusy && "relative text-transparent! [&>*:not([data-busy])]:opacity-0", className);
  if (asChild)
    return (
      <Slot.Root className={classes} {...props}>
        {children}
      </Slot.Root>
    );
  return (
    <button type={type ?? "button"} className={classes} disabled={disabled === true || isBusy} aria-busy={isBusy || undefined} {...props}>
      {children}
      {isBusy && (
        <span data-busy className="absolute inset-0 flex items-center justify-center gap-1" aria-hidden>
          {[0, 1, 2].map((dot) => (
            <span
              key={dot}
              className={cn(
                "size-1 animate-shimmer rounded-full",
                variant === "primary" || variant === "danger" ? "bg-accent-fg" : "bg-muted",
              )}
              style={{ animationDelay: `${dot * 160}ms` }}
            />
          ))}
        </span>
      )}
    </button>
  );
}
