import type { ComponentProps, ReactNode } from "react";
import { cn } from "@/lib/cn";

export interface SectionCardProps extends Omit<ComponentProps<"section">, "title"> {
  title: ReactNode;
  description?: ReactNode;
  /** Buttons at the right of the title. */
  actions?: ReactNode;
  /** A tinted last row, for the section's Save. */
  footer?: ReactNode;
}

/** A titled part of a page: settings, the parts of a detail page. */
export function SectionCard({ title, description, actions, footer, className, children, ...props }: SectionCardProps) {
  return (
    <section className={cn("rounded-lg border border-line bg-surface", className)} {...props}>
      <header className="flex flex-wrap items-start justify-between gap-3 px-4 pt-3.5">
        <div className="min-w-0">
          <h2 className="text-base font-semibold tracking-tight">{title}</h2>
          {description !== undefined && <p className="mt-0.5 max-w-prose text-sm text-muted">{description}</p>}
        </div>
        {actions}
      </header>
      <div className="px-4 pb-4 pt-3">{children}</div>
      {footer !== undefined && (
        <footer className="flex items-center justify-end gap-2 rounded-b-lg border-t border-line bg-sunken px-4 py-2.5">{footer}</footer>
      )}
    </section>
  );
}
