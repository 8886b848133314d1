"use client";
import { useInfiniteQuery } from "@tanstack/react-query";
import { ScrollText } from "lucide-react";
import { DataTable } from "@/components/ui/data-table";
import { EmptyState } from "@/components/ui/empty-state";
import { formatTime } from "@/lib/format";
import { useTRPC } from "@/lib/trpc";
import { useWorkspace } from "@/lib/workspace";

/** Who did what in the workspace, newest first. */
export function AuditCard() {
  const trpc = useTRPC();
  const { workspace } = useWorkspace();
  const events = useInfiniteQuery(
    trpc.audit.list.infiniteQueryOptions({ workspaceId: workspace.id }, { getNextPageParam: (page) => page.nextCursor ?? undefined }),
  );
  return (
    <section aria-labelledby="audit">
      <h2 id="audit" className="mb-2 text-base font-semibold tracking-tight">
        Audit log
      </h2>
      <DataTable
        label="Audit log"
        query={events}
        rowKey={(event) => event.id}
        columns={[
          { key: "at", header: "When", className: "whitespace-nowrap text-muted", cell: (event) => formatTime(event.at) },
          { key: "actor", header: "Who", cell: (event) => event.actor },
          { key: "action", header: "What", className: "font-mono text-xs", cell: (event) => event.action },
          {
            key: "target",
            header: "To",
            isSecondary: true,
            className: "font-mono text-xs text-muted",
            cell: (event) => <span title={event.target ?? undefined}>{shortTarget(event.target)}</span>,
          },
        ]}
        empty={<EmptyState icon={<ScrollText />} title="Nothing is recorded yet" />}
      />
    </section>
  );
}

/** Ids by their first and last letters: the middle tells nobody anything. */
function shortTarget(target: string | null): string {
  if (target === null) return "";
  return target.length > 24 ? `${target.slice(0, 12)}…${target.slice(-6)}` : target;
}
