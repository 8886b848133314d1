"use client";
import type { DeadLetterState } from "@heddle/schema";
import { useInfiniteQuery } from "@tanstack/react-query";
import { MailX } from "lucide-react";
import Link from "next/link";
import { useRouter, useSearchParams } from "next/navigation";
import { useState } from "react";
import { DeadLetterSheet } from "@/components/dead-letters/dead-letter-sheet";
import { RedriveAllDialog } from "@/components/dead-letters/redrive-all-dialog";
import { Button } from "@/components/ui/button";
import { DataTable } from "@/components/ui/data-table";
import { EmptyState } from "@/components/ui/empty-state";
import { Page, PageHeader } from "@/components/ui/page-header";
import { Segmented } from "@/components/ui/segmented";
import { formatAgo, formatTime, formatUntil } from "@/lib/format";
import { useTRPC } from "@/lib/trpc";
import { useWorkspace } from "@/lib/workspace";

const STATES = [
  { value: "open", label: "Open" },
  { value: "redriven", label: "Tried again" },
] as const;
const HERE = "/executions/dead-letters";

export default function DeadLettersPage() {
  const trpc = useTRPC();
  const router = useRouter();
  const letterId = useSearchParams().get("id") ?? undefined;
  const { workspace, canEdit } = useWorkspace();
  const [state, setState] = useState<DeadLetterState>("open");
  const [isRedriving, setIsRedriving] = useState(false);
  const query = useInfiniteQuery(
    trpc.deadLetter.list.infiniteQueryOptions(
      { workspaceId: workspace.id, state },
      { getNextPageParam: (page) => page.nextCursor ?? undefined, refetchInterval: 15_000 },
    ),
  );
  const hasLetters = (query.data?.pages[0]?.items.length ?? 0) > 0;
  return (
    <Page>
      <PageHeader
        back={<Link href="/executions">Executions</Link>}
        title="Dead letters"
        description="Runs that nobody waited for and that failed for good. They are kept for 14 days, so that you can mend what was wrong and try them again."
        actions={
          <>
            <Segmented aria-label="Which dead letters" value={state} onValueChange={setState} options={STATES} />
            {canEdit && state === "open" && (
              <Button variant="primary" disabled={!hasLetters} onClick={() => setIsRedriving(true)}>
                Try all again
              </Button>
            )}
          </>
        }
      />
      <DataTable
        label="Dead letters"
        query={query}
        rowKey={(letter) => letter.id}
        rowHref={(letter) => `${HERE}?id=${letter.id}`}
        columns={[
          { key: "agent", header: "Agent", cell: (letter) => letter.agentName ?? "Deleted agent" },
          {
            key: "error",
            header: "Error",
            className: "max-w-36 sm:max-w-96",
            cell: ({ error }) => (
              <span className="block truncate" title={error.message}>
                {error.message}
              </span>
            ),
          },
          { key: "attempts", header: "Attempts", className: "tabular", isSecondary: true, cell: (letter) => letter.attempts },
          {
            key: "died",
            header: "Failed",
            className: "whitespace-nowrap text-muted",
            cell: ({ diedAt }) => (
              <time dateTime={diedAt} title={formatTime(diedAt)}>
                {formatAgo(diedAt)}
              </time>
            ),
          },
          {
            key: "expires",
            header: "Removed",
            isSecondary: true,
            className: "whitespace-nowrap text-muted",
            cell: ({ expiresAt }) => (
              <time dateTime={expiresAt} title={formatTime(expiresAt)}>
                {formatUntil(expiresAt)}
              </time>
            ),
          },
        ]}
        empty={
          <EmptyState icon={<MailX />} title={state === "open" ? "No dead letters" : "None was tried again"}>
            {state === "open"
              ? "Runs that nobody waits for are tried up to five times. Those that still fail end up here instead of being lost."
              : "What you try again from the open ones is listed here, with the run that it became."}
          </EmptyState>
        }
      />
      <DeadLetterSheet letterId={letterId} onClose={() => router.replace(HERE)} onChanged={() => void query.refetch()} />
      <RedriveAllDialog isOpen={isRedriving} onOpenChange={setIsRedriving} onRedriven={() => void query.refetch()} />
    </Page>
  );
}
