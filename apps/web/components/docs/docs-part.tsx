import type { ReactNode } from "react";

/** A part of a page of the documentation. */
export function DocsPart({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="flex flex-col gap-3">
      <h2 className="text-lg font-semibold tracking-tight">{title}</h2>
      {children}
    </section>
  );
}

export function DocsList({ children }: { children: ReactNode }) {
  return <ul className="flex max-w-prose list-disc flex-col gap-1.5 pl-5 text-sm text-muted marker:text-subtle">{children}</ul>;
}

export function DocsText({ children }: { children: ReactNode }) {
  return <p className="max-w-prose text-sm text-muted">{children}</p>;
}

export function DocsCode({ children }: { children: string }) {
  return <code className="font-mono text-xs break-words text-fg">{children}</code>;
}
