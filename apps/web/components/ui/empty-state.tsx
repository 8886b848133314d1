import type { ReactNode } from "react";
import { cn } from "@/lib/cn";

export interface EmptyStateProps {
  icon?: ReactNode;
  title: string;
  /** What this is for, and what to do next. */
  children?: ReactNode;
  action?: ReactNode;
  className?: string;
}

/** Shown where there is nothing yet: says what belongs here and offers the next step. */
export function EmptyState({ icon, title, children, action, className }: EmptyStateProps) {
  return (
    <div className={cn("flex flex-col items-center px-6 py-14 text-center", className)}>
      {icon !== undefined && (
        <div
          className="mb-4 flex size-10 items-center justify-center rounded-lg border border-line bg-surface text-muted shadow-xs [&_svg]:size-5"
          aria-hidden
        >
          {icon}
        </div>
      )}
      <h2 className="text-base font-semibold tracking-tight">{title}</h2>
      {children !== undefined && <div className="mt-1 max-w-sm text-sm text-muted">{children}</div>}
      {action !== undefined && <div className="mt-4 flex flex-wrap justify-center gap-2">{action}</div>}
    </div>
  );
}
