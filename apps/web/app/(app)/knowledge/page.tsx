"use client";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Library } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { CreateKnowledgeDialog } from "@/components/knowledge/create-knowledge-dialog";
import { Button } from "@/components/ui/button";
import { DataTable } from "@/components/ui/data-table";
import { EmptyState } from "@/components/ui/empty-state";
import { Page, PageHeader } from "@/components/ui/page-header";
import { formatAgo, formatCount, formatTime } from "@/lib/format";
import { useTRPC } from "@/lib/trpc";
import { useWorkspace } from "@/lib/workspace";

export default function KnowledgePage() {
  const trpc = useTRPC();
  const router = useRouter();
  const { workspace, canEdit } = useWorkspace();
  const [isCreating, setIsCreating] = useState(false);
  const list = useInfiniteQuery(
    trpc.knowledge.list.infiniteQueryOptions({ workspaceId: workspace.id }, { getNextPageParam: (page) => page.nextCursor ?? undefined }),
  );
  const createButton = canEdit && (
    <Button variant="primary" onClick={() => setIsCreating(true)}>
      New knowledge base
    </Button>
  );
  return (
    <Page>
      <PageHeader title="Knowledge" description="Articles that agents answer from, found by meaning and by words." actions={createButton} />
      <DataTable
        label="Knowledge bases"
        query={list}
        rowKey={(base) => base.id}
        rowHref={(base) => `/knowledge/view?id=${base.id}`}
        columns={[
          { key: "name", header: "Name", cell: (base) => base.name },
          { key: "documents", header: "Documents", className: "tabular", cell: (base) => formatCount(base.documents) },
          { key: "passages", header: "Passages", className: "tabular", isSecondary: true, cell: (base) => formatCount(base.passages) },
          {
            key: "updated",
            header: "Changed",
            isSecondary: true,
            cell: (base) => (
              <time className="text-muted" dateTime={base.updatedAt} title={formatTime(base.updatedAt)}>
                {formatAgo(base.updatedAt)}
              </time>
            ),
          },
        ]}
        empty={
          <EmptyState icon={<Library />} title="No knowledge bases yet" action={createButton}>
            Add your help articles, and agents can answer from them and say where the answer stands.
          </EmptyState>
        }
      />
      <CreateKnowledgeDialog
        isOpen={isCreating}
        onOpenChange={setIsCreating}
        onCreated={({ id }) => router.push(`/knowledge/view?id=${id}`)}
      />
    </Page>
  );
}
