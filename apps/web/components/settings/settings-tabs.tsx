"use client";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { cn } from "@/lib/cn";

const PAGES = [
  { href: "/settings", label: "General" },
  { href: "/settings/limits", label: "Usage & limits" },
];

/** The pages of the settings. */
export function SettingsTabs() {
  const pathname = usePathname().replace(/\/$/, "");
  return (
    <nav aria-label="Settings" className="-mt-1 mb-4 flex gap-4 border-b border-line">
      {PAGES.map(({ href, label }) => {
        const isCurrent = pathname === href;
        return (
          <Link
            key={href}
            href={href}
            aria-current={isCurrent ? "page" : undefined}
            className={cn(
              "-mb-px flex h-9 items-center border-b-2 text-sm font-medium transition-colors duration-100 hover:text-fg",
              isCurrent ? "border-accent text-fg" : "border-transparent text-muted",
            )}
          >
            {label}
          </Link>
        );
      })}
    </nav>
  );
}
