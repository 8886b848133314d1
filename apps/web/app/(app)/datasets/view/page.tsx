"use client";
import { useInfiniteQuery, useMutation, useQuery } from "@tanstack/react-query";
import { Trash2 } from "lucide-react";
import Link from "next/link";
import { useRouter, useSearchParams } from "next/navigation";
import { useState } from "react";
import { LabelList } from "@/components/datasets/label-list";
import { TrainingCard } from "@/components/datasets/training-card";
import { Button } from "@/components/ui/button";
import { SectionCard } from "@/components/ui/card";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { DataTable } from "@/components/ui/data-table";
import { EmptyState } from "@/components/ui/empty-state";
import { ErrorState } from "@/components/ui/error-state";
import { Page, PageHeader } from "@/components/ui/page-header";
import { SkeletonRows } from "@/components/ui/skeleton";
import { formatCount } from "@/lib/format";
import { toastError } from "@/lib/toast-error";
import { useTRPC, useTRPCClient } from "@/lib/trpc";
import { useWorkspace } from "@/lib/workspace";

export default function DatasetPage() {
  const id = useSearchParams().get("id") ?? "";
  const trpc = useTRPC();
  const client = useTRPCClient();
  const router = useRouter();
  const { canEdit } = useWorkspace();
  const [isDeleting, setIsDeleting] = useState(false);
  const dataset = useQuery(
    trpc.dataset.byId.queryOptions(
      { id },
      { refetchInterval: ({ state }) => (["queued", "training"].includes(state.data?.training.status ?? "") ? 1_000 : false) },
    ),
  );
  const rows = useInfiniteQuery(
    trpc.dataset.rows.infiniteQueryOptions({ id }, { getNextPageParam: (page) => page.nextCursor ?? undefined }),
  );
  const retrain = useMutation(trpc.dataset.retrain.mutationOptions({ onSuccess: () => dataset.refetch(), onError: toastError }));

  if (dataset.error) return <ErrorState error={dataset.error} onRetry={dataset.refetch} />;
  if (dataset.data === undefined)
    return (
      <Page>
        <SkeletonRows />
      </Page>
    );
  const { name, labels, rejected } = dataset.data;
  return (
    <Page>
      <PageHeader
        back={<Link href="/datasets">Data sets</Link>}
        title={name}
        description={`${formatCount(dataset.data.rows)} examples, version ${dataset.data.version}`}
        actions={
          canEdit && (
            <Button variant="dangerGhost" onClick={() => setIsDeleting(true)}>
              <Trash2 aria-hidden />
              Delete
            </Button>
          )
        }
      />
      <div className="flex flex-col gap-4">
        <TrainingCard
          dataset={dataset.data}
          isRetraining={retrain.isPending}
          {...(canEdit ? { onRetrain: () => retrain.mutate({ id }) } : {})}
        />
        {rejected.count > 0 && (
          <SectionCard
            title={`${formatCount(rejected.count)} rows were left out`}
            description="The rest of the file is in use. Mend these rows and upload the file again to include them."
          >
            <ul className="divide-y divide-line text-sm">
              {rejected.samples.map(({ line, reason }) => (
                <li key={line} className="flex gap-3 py-1">
                  <span className="tabular w-20 shrink-0 text-muted">Line {line}</span>
                  {reason}
                </li>
              ))}
            </ul>
          </SectionCard>
        )}
        {labels.length > 0 && <LabelList labels={labels} />}
        <DataTable
          label="Examples"
          query={rows}
          rowKey={(row) => String(row.id)}
          columns={[
            { key: "text", header: "Text", cell: (row) => <span className="line-clamp-2">{row.text}</span> },
            { key: "label", header: "Label", className: "whitespace-nowrap text-muted", cell: (row) => row.label ?? "" },
          ]}
          empty={<EmptyState title="No examples">This data set is empty.</EmptyState>}
        />
      </div>
      <ConfirmDialog
        isOpen={isDeleting}
        onOpenChange={setIsDeleting}
        title={`Delete “${name}”?`}
        description="Agents that learned from it stop classifying. This can't be undone."
        confirmLabel="Delete data set"
        onConfirm={async () => {
          await client.dataset.delete.mutate({ id });
          router.push("/datasets");
        }}
      />
    </Page>
  );
}
