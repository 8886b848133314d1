"use client";
import Link from "next/link";
import type { ReactNode } from "react";
import { cn } from "@/lib/cn";
import { Button } from "./button";
import { ErrorState } from "./error-state";
import { SkeletonRows } from "./skeleton";
import { Table, TableCell, TableHead, TableRow } from "./table";

export interface Column<T> {
  key: string;
  header: ReactNode;
  cell: (row: T) => ReactNode;
  className?: string;
  /** Left out below the `md` breakpoint. */
  isSecondary?: boolean;
}

/** The part of a TanStack infinite query that the table reads: `useInfiniteQuery(trpc.x.list.infiniteQueryOptions(…))`. */
export interface PagedQuery<T> {
  data: { pages: { items: T[] }[] } | undefined;
  error: unknown;
  isPending: boolean;
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  fetchNextPage: () => unknown;
  refetch: () => unknown;
}

export interface DataTableProps<T> {
  /** Read to screen readers as the table's name. */
  label: string;
  query: PagedQuery<T>;
  columns: Column<T>[];
  rowKey: (row: T) => string;
  /** Makes the first cell a link that the whole row answers to. */
  rowHref?: (row: T) => string;
  /** Menu or buttons at the end of a row. */
  rowActions?: (row: T) => ReactNode;
  empty: ReactNode;
}

/** A list from the API with skeleton, error, empty state and paging by cursor. */
export function DataTable<T>({ label, query, columns, rowKey, rowHref, rowActions, empty }: DataTableProps<T>) {
  const rows = query.data?.pages.flatMap((page) => page.items) ?? [];
  if (query.isPending)
    return (
      <Frame>
        <SkeletonRows />
      </Frame>
    );
  if (rows.length === 0 && query.error !== null && query.error !== undefined)
    return (
      <Frame>
        <ErrorState error={query.error} onRetry={query.refetch} />
      </Frame>
    );
  if (rows.length === 0) return <Frame className="border-dashed bg-transparent">{empty}</Frame>;
  return (
    <Frame>
      <Table aria-label={label}>
        <thead>
          <tr>
            {columns.map((column) => (
              <TableHead key={column.key} className={hiding(column)}>
                {column.header}
              </TableHead>
            ))}
            {rowActions !== undefined && (
              <TableHead className="w-10">
                <span className="sr-only">Actions</span>
              </TableHead>
            )}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <TableRow key={rowKey(row)} className={cn("relative", rowHref !== undefined && "hover:bg-hover")}>
              {columns.map((column, index) => (
                <TableCell key={column.key} className={cn(hiding(column), column.className)}>
                  {index === 0 && rowHref !== undefined ? (
                    <Link
                      href={rowHref(row)}
                      className="font-medium text-fg after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:rounded-md focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-accent"
                    >
                      {column.cell(row)}
                    </Link>
                  ) : (
                    column.cell(row)
                  )}
                </TableCell>
              ))}
              {rowActions !== undefined && <TableCell className="relative z-1 text-right">{rowActions(row)}</TableCell>}
            </TableRow>
          ))}
        </tbody>
      </Table>
      {query.hasNextPage && (
        <div className="border-t border-line p-2 text-center">
          <Button variant="ghost" size="sm" isBusy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            Load more
          </Button>
        </div>
      )}
    </Frame>
  );
}

function Frame({ children, className }: { children: ReactNode; className?: string }) {
  return <div className={cn("overflow-hidden rounded-lg border border-line bg-surface", className)}>{children}</div>;
}

function hiding<T>(column: Column<T>): string {
  return column.isSecondary === true ? "hidden md:table-cell" : "";
}
