"use client";
import { Search } from "lucide-react";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { useOpenApprovals } from "@/components/approvals/use-open-approvals";
import { Kbd } from "@/components/ui/kbd";
import { cn } from "@/lib/cn";
import { useCommandStore } from "@/lib/command-store";
import { AccountMenu } from "./account-menu";
import { ADMIN_PLACES, APPROVALS, isAt, type NavigationItem, WORK_PLACES } from "./navigation";
import { ThemeMenu } from "./theme-menu";
import { WorkspaceSwitcher } from "./workspace-switcher";

/** The places of the workspace; the same in the wide frame and in the narrow one's sheet. */
export function Sidebar({ onNavigate }: { onNavigate?: () => void }) {
  const openPalette = useCommandStore((state) => state.setOpen);
  return (
    <div className="flex h-full flex-col gap-3 p-2">
      <div className="flex">
        <WorkspaceSwitcher />
      </div>
      <button
        type="button"
        onClick={() => {
          onNavigate?.();
          openPalette(true);
        }}
        className="flex h-8 items-center gap-2 rounded-md border border-line bg-surface px-2 text-sm text-subtle shadow-xs hover:border-line-strong hover:text-fg"
      >
        <Search className="size-3.5" aria-hidden />
        Search and go to…
        <Kbd className="ml-auto">⌘K</Kbd>
      </button>
      <nav aria-label="Workspace" className="flex flex-1 flex-col overflow-y-auto">
        <Places items={WORK_PLACES} onNavigate={onNavigate} />
        <div className="mt-auto pt-4">
          <Places items={ADMIN_PLACES} onNavigate={onNavigate} />
        </div>
      </nav>
      <div className="-mx-2 -mb-2 flex items-center gap-1 border-t border-line p-2">
        <AccountMenu />
        <ThemeMenu />
      </div>
    </div>
  );
}

function Places({ items, onNavigate }: { items: readonly NavigationItem[]; onNavigate: (() => void) | undefined }) {
  const pathname = usePathname();
  return (
    <ul className="flex flex-col gap-px">
      {items.map(({ href, label, icon: Icon }) => {
        const isCurrent = isAt(pathname, href);
        return (
          <li key={href}>
            <Link
              href={href}
              onClick={() => onNavigate?.()}
              aria-current={isCurrent ? "page" : undefined}
              className={cn(
                "flex h-8 items-center gap-2.5 rounded-md px-2 text-sm transition-colors duration-75",
                isCurrent ? "bg-active font-medium text-fg" : "text-muted hover:bg-hover hover:text-fg",
              )}
            >
              <Icon className={cn("size-4", isCurrent ? "text-accent-text" : "text-subtle")} aria-hidden />
              {label}
              {href === APPROVALS && <OpenApprovals />}
            </Link>
          </li>
        );
      })}
    </ul>
  );
}

/** How many approvals wait for somebody. */
function OpenApprovals() {
  const count = useOpenApprovals();
  if (count === undefined) return null;
  return (
    <span className="tabular ml-auto flex h-4.5 min-w-4.5 items-center justify-center rounded-full bg-warn-soft px-1.5 text-2xs font-semibold text-warn">
      {count}
      <span className="sr-only"> open</span>
    </span>
  );
}
