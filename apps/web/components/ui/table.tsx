import type { ComponentProps } from "react";
import { cn } from "@/lib/cn";

/** A plain table that scrolls sideways in narrow places. Lists with paging use `DataTable`. */
export function Table({ className, ...props }: ComponentProps<"table">) {
  return (
    <div className="w-full overflow-x-auto">
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
