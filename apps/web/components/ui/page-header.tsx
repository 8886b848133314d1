import type { ReactNode } from "react";

export interface PageHeaderProps {
  title: ReactNode;
  description?: ReactNode;
  /** Right-aligned buttons; at most one primary, last. */
  actions?: ReactNode;
  /** A link back to the list, on detail pages. */
  back?: ReactNode;
}

/** The top of every page: its one `h1`, a sentence, its actions. */
export function PageHeader({ title, description, actions, back }: PageHeaderProps) {
  return (
    <header className="mb-5 flex flex-wrap items-end justify-between gap-x-4 gap-y-3">
      <div className="min-w-0">
        {back !== undefined && <div className="mb-1.5 text-xs text-muted">{back}</div>}
        <h1 className="truncate text-xl font-semibold tracking-tight">{title}</h1>
        {description !== undefined && <p className="mt-0.5 max-w-2xl text-sm text-muted">{description}</p>}
      </div>
      {actions !== undefined && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
    </header>
  );
}

/** The column that a page's content stands in. `wide` for tables and galleries. */
export function Page({ children, width = "wide" }: { children: ReactNode; width?: "narrow" | "wide" }) {
  return (
    <div className={width === "wide" ? "mx-auto w-full max-w-6xl px-4 py-6 sm:px-8" : "mx-auto w-full max-w-3xl px-4 py-6 sm:px-8"}>
      {children}
    </div>
  );
}
