"use client";
import { type ComponentProps, useCallback, useState } from "react";
import { cn } from "@/lib/cn";

/** A plain table that scrolls sideways in narrow places, by keyboard too. Lists with paging use `DataTable`. */
export function Table({ className, ...props }: ComponentProps<"table">) {
  const [isScrollable, setIsScrollable] = useState(false);
  const watch = useCallback((frame: HTMLDivElement | null) => {
    if (frame === null) return undefined;
    const observer = new ResizeObserver(() => setIsScrollable(frame.scrollWidth > frame.clientWidth));
    observer.observe(frame);
    if (frame.firstElementChild) observer.observe(frame.firstElementChild);
    return () => observer.disconnect();
  }, []);
  return (
    <div
      ref={watch}
      className="w-full overflow-x-auto"
      {...(isScrollable ? { tabIndex: 0, role: "region", "aria-label": props["aria-label"] } : {})}
    >
      <table className={cn("w-full border-collapse text-left text-sm", className)} {...props} />
    </div>
  );
}
export function TableHead({ className, ...props }: ComponentProps<"th">) {
  return (
    <th
      scope="col"
      className={cn("h-8 whitespace-nowrap border-b border-line px-3 text-xs font-medium text-subtle first:pl-4 last:pr-4", className)}
      {...props}
    />
  );
}
export function TableRow({ className, ...props }: ComponentProps<"tr">) {
  return <tr className={cn("border-b border-line last:border-0", className)} {...props} />;
}
export function TableCell({ className, ...props }: ComponentProps<"td">) {
  return <td className={cn("h-10 px-3 py-1.5 first:pl-4 last:pr-4", className)} {...props} />;
}
