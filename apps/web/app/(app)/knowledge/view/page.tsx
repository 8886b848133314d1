"use client";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { FileText, Trash2 } from "lucide-react";
import Link from "next/link";
import { useRouter, useSearchParams } from "next/navigation";
import { useState } from "react";
import { AddDocumentsDialog } from "@/components/knowledge/add-documents-dialog";
import { SearchPanel } from "@/components/knowledge/search-panel";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { DataTable } from "@/components/ui/data-table";
import { EmptyState } from "@/components/ui/empty-state";
import { ErrorState } from "@/components/ui/error-state";
import { Page, PageHeader } from "@/components/ui/page-header";
import { SkeletonRows } from "@/components/ui/skeleton";
import { StatusBadge } from "@/components/ui/status-badge";
import { formatBytes, formatCount } from "@/lib/format";
import { useTRPC, useTRPCClient } from "@/lib/trpc";
import { useWorkspace } from "@/lib/workspace";

type Doomed = { kind: "base" } | { kind: "document"; id: string; name: string };

export default function KnowledgeBasePage() {
  const id = useSearchParams().get("id") ?? "";
  const trpc = useTRPC();
  const client = useTRPCClient();
  const router = useRouter();
  const { canEdit } = useWorkspace();
  const [isAdding, setIsAdding] = useState(false);
  const [doomed, setDoomed] = useState<Doomed>();
  const base = useQuery(trpc.knowledge.byId.queryOptions({ id }));
  const documents = useInfiniteQuery(
    trpc.knowledge.documents.infiniteQueryOptions(
      { id },
      {
        getNextPageParam: (page) => page.nextCursor ?? undefined,
        refetchInterval: ({ state }) =>
          state.data?.pages.some((page) => page.items.some(({ status }) => status === "indexing")) ? 1_000 : false,
      },
    ),
  );
  const refresh = () => Promise.all([base.refetch(), documents.refetch()]);

  if (base.error) return <ErrorState error={base.error} onRetry={base.refetch} />;
  if (base.data === undefined)
    return (
      <Page>
        <SkeletonRows />
      </Page>
    );
  const addButton = canEdit && (
    <Button variant="primary" onClick={() => setIsAdding(true)}>
      Add documents
    </Button>
  );
  return (
    <Page>
      <PageHeader
        back={<Link href="/knowledge">Knowledge</Link>}
        title={base.data.name}
        description={`${formatCount(base.data.documents)} documents, ${formatCount(base.data.passages)} passages`}
        actions={
          <>
            {canEdit && (
              <Button variant="dangerGhost" onClick={() => setDoomed({ kind: "base" })}>
                <Trash2 aria-hidden />
                Delete
              </Button>
            )}
            {addButton}
          </>
        }
      />
      <div className="flex flex-col gap-4">
        <SearchPanel knowledgeBaseId={id} />
        <DataTable
          label="Documents"
          query={documents}
          rowKey={(document) => document.id}
          columns={[
            { key: "name", header: "Document", cell: (document) => document.name },
            {
              key: "status",
              header: "State",
              cell: (document) => (
                <span className="flex items-center gap-2">
                  <StatusBadge status={document.status} />
                  {document.error !== null && <span className="text-xs text-bad">{document.error.message}</span>}
                </span>
              ),
            },
            {
              key: "passages",
              header: "Passages",
              className: "tabular",
              isSecondary: true,
              cell: (document) => formatCount(document.passages),
            },
            { key: "bytes", header: "Size", className: "tabular", isSecondary: true, cell: (document) => formatBytes(document.bytes) },
          ]}
          {...(canEdit
            ? {
                rowActions: (document: { id: string; name: string }) => (
                  <Button
                    variant="ghost"
                    size="iconSm"
                    aria-label={`Delete ${document.name}`}
                    onClick={() => setDoomed({ kind: "document", id: document.id, name: document.name })}
                  >
                    <Trash2 aria-hidden />
                  </Button>
                ),
              }
            : {})}
          empty={
            <EmptyState icon={<FileText />} title="No documents yet" action={addButton}>
              Add text, Markdown or CSV files. They can be searched a moment later.
            </EmptyState>
          }
        />
      </div>
      <AddDocumentsDialog knowledgeBaseId={id} isOpen={isAdding} onOpenChange={setIsAdding} onAdded={() => void refresh()} />
      <ConfirmDialog
        isOpen={doomed !== undefined}
        onOpenChange={(isOpen) => !isOpen && setDoomed(undefined)}
        title={doomed?.kind === "document" ? `Delete “${doomed.name}”?` : `Delete “${base.data.name}”?`}
        description={
          doomed?.kind === "document"
            ? "Its passages are no longer found. This can't be undone."
            : "Agents that answer from it find nothing any more. This can't be undone."
        }
        confirmLabel={doomed?.kind === "document" ? "Delete document" : "Delete knowledge base"}
        onConfirm={async () => {
          if (doomed?.kind === "document") {
            await client.knowledge.deleteDocument.mutate({ knowledgeBaseId: id, documentId: doomed.id });
            await refresh();
          } else {
            await client.knowledge.delete.mutate({ id });
            router.push("/knowledge");
          }
        }}
      />
    </Page>
  );
}
