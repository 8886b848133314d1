import { cn } from "@/lib/cn";

/** A heddle: warp threads, one of them led through the eye. */
export function LogoMark({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 20 20" fill="none" className={cn("size-5 text-accent", className)} aria-hidden>
      <rect width="20" height="20" rx="5" fill="currentColor" />
      <g stroke="#fff" strokeWidth="1.5" strokeLinecap="round">
        <path d="M5.5 4.5v11" opacity=".55" />
        <path d="M14.5 4.5v11" opacity=".55" />
        <path d="M10 4.5v2.2M10 13.3v2.2" />
        <ellipse cx="10" cy="10" rx="2.1" ry="3.1" />
      </g>
    </svg>
  );
}

export function Logo({ className }: { className?: string }) {
  return (
    <span className={cn("inline-flex items-center gap-2 text-base font-semibold tracking-tight text-fg", className)}>
      <LogoMark />
      Heddle
    </span>
  );
}
