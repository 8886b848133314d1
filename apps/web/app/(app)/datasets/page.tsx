"use client";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Database } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { UploadDatasetDialog } from "@/components/datasets/upload-dataset-dialog";
import { Button } from "@/components/ui/button";
import { DataTable } from "@/components/ui/data-table";
import { EmptyState } from "@/components/ui/empty-state";
import { Page, PageHeader } from "@/components/ui/page-header";
import { StatusBadge } from "@/components/ui/status-badge";
import { formatAgo, formatCount, formatShare, formatTime } from "@/lib/format";
import { useTRPC } from "@/lib/trpc";
import { useWorkspace } from "@/lib/workspace";

export default function DatasetsPage() {
  const trpc = useTRPC();
  const router = useRouter();
  const { workspace, canEdit } = useWorkspace();
  const [isUploading, setIsUploading] = useState(false);
  const datasets = useInfiniteQuery(
    trpc.dataset.list.infiniteQueryOptions(
      { workspaceId: workspace.id },
      {
        getNextPageParam: (page) => page.nextCursor ?? undefined,
        refetchInterval: ({ state }) =>
          state.data?.pages.some((page) => page.items.some(({ training }) => isBusy(training.status))) ? 2_000 : false,
      },
    ),
  );
  const uploadButton = canEdit && (
    <Button variant="primary" onClick={() => setIsUploading(true)}>
      Upload a data set
    </Button>
  );
  return (
    <Page>
      <PageHeader
        title="Data sets"
        description="Examples that agents learn from: what people write, and the label it should get."
        actions={uploadButton}
      />
      <DataTable
        label="Data sets"
        query={datasets}
        rowKey={(dataset) => dataset.id}
        rowHref={(dataset) => `/datasets/view?id=${dataset.id}`}
        columns={[
          { key: "name", header: "Name", cell: (dataset) => dataset.name },
          { key: "rows", header: "Examples", className: "tabular", cell: (dataset) => formatCount(dataset.rows) },
          {
            key: "labels",
            header: "Labels",
            className: "tabular",
            isSecondary: true,
            cell: (dataset) => formatCount(dataset.labels.length),
          },
          {
            key: "training",
            header: "Training",
            cell: ({ training }) => (
              <span className="flex items-center gap-2">
                <StatusBadge status={training.status} />
                {training.status === "ready" && training.accuracy !== null && (
                  <span className="tabular text-xs whitespace-nowrap text-muted">{formatShare(training.accuracy)}</span>
                )}
                {training.status === "training" && (
                  <span className="tabular text-xs text-muted">{Math.round(training.progress * 100)} %</span>
                )}
              </span>
            ),
          },
          {
            key: "updated",
            header: "Changed",
            isSecondary: true,
            cell: (dataset) => (
              <time className="text-muted" dateTime={dataset.updatedAt} title={formatTime(dataset.updatedAt)}>
                {formatAgo(dataset.updatedAt)}
              </time>
            ),
          },
        ]}
        empty={
          <EmptyState icon={<Database />} title="No data sets yet" action={uploadButton}>
            Upload a file with questions and their labels, and an agent can sort new ones by itself.
          </EmptyState>
        }
      />
      <UploadDatasetDialog
        isOpen={isUploading}
        onOpenChange={setIsUploading}
        onUploaded={({ id }) => router.push(`/datasets/view?id=${id}`)}
      />
    </Page>
  );
}

function isBusy(status: string): boolean {
  return status === "queued" || status === "training";
}
