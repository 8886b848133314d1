"use client";
import { credentials as credentialTypes } from "@heddle/nodes/credentials";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Cpu, ShieldCheck, Trash2 } from "lucide-react";
import { useState } from "react";
import { CredentialDialog } from "@/components/credentials/credential-dialog";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { SectionCard } from "@/components/ui/card";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { DataTable } from "@/components/ui/data-table";
import { EmptyState } from "@/components/ui/empty-state";
import { Page, PageHeader } from "@/components/ui/page-header";
import { formatAgo, formatTime } from "@/lib/format";
import { useTRPC, useTRPCClient } from "@/lib/trpc";
import { useWorkspace } from "@/lib/workspace";

export default function CredentialsPage() {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const { workspace, canAdminister } = useWorkspace();
  const [isCreating, setIsCreating] = useState(false);
  const [doomed, setDoomed] = useState<{ id: string; name: string }>();
  const list = useInfiniteQuery(
    trpc.credential.list.infiniteQueryOptions({ workspaceId: workspace.id }, { getNextPageParam: (page) => page.nextCursor ?? undefined }),
  );
  const models = useQuery(trpc.model.connections.queryOptions({ workspaceId: workspace.id }));
  const createButton = canAdminister && (
    <Button variant="primary" onClick={() => setIsCreating(true)}>
      New credential
    </Button>
  );
  return (
    <Page>
      <PageHeader title="Credentials" description="Keys and addresses of models and tools, kept encrypted." actions={createButton} />
      <div className="flex flex-col gap-4">
        <DataTable
          label="Credentials"
          query={list}
          rowKey={(credential) => credential.id}
          columns={[
            { key: "name", header: "Name", cell: (credential) => credential.name },
            {
              key: "type",
              header: "Kind",
              cell: (credential) => <Badge>{credentialTypes.get(credential.type)?.name ?? credential.type}</Badge>,
            },
            {
              key: "hosts",
              header: "Sent only to",
              isSecondary: true,
              className: "font-mono text-xs text-muted",
              cell: (credential) => credential.allowedHosts.join(", "),
            },
            {
              key: "created",
              header: "Stored",
              isSecondary: true,
              className: "text-muted",
              cell: (credential) => <span title={formatTime(credential.createdAt)}>{formatAgo(credential.createdAt)}</span>,
            },
          ]}
          {...(canAdminister
            ? {
                rowActions: (credential: { id: string; name: string }) => (
                  <Button
                    variant="ghost"
                    size="iconSm"
                    aria-label={`Delete ${credential.name}`}
                    onClick={() => setDoomed({ id: credential.id, name: credential.name })}
                  >
                    <Trash2 aria-hidden />
                  </Button>
                ),
              }
            : {})}
          empty={
            <EmptyState icon={<ShieldCheck />} title="No credentials yet" action={createButton}>
              Agents work without any: classifying and searching are built in. Add a model provider when you want written answers.
            </EmptyState>
          }
        />
        <SectionCard
          title="Models that agents can use now"
          description="From the credentials above, and servers that run on the same machine as Heddle."
        >
          {models.data?.length === 0 && (
            <p className="text-sm text-muted">None. Ollama, LM Studio, llama.cpp and vLLM are found by themselves when they run here.</p>
          )}
          <ul className="flex flex-col gap-2">
            {models.data?.map(({ connection, label, models: names, isLocal }) => (
              <li key={connection} className="flex flex-wrap items-center gap-2 text-sm">
                <Cpu className="size-4 text-muted" aria-hidden />
                {label}
                {isLocal && <Badge tone="ok">On this machine</Badge>}
                <span className="min-w-0 truncate text-xs text-muted">{names.slice(0, 6).join(", ")}</span>
              </li>
            ))}
          </ul>
        </SectionCard>
      </div>
      <CredentialDialog
        isOpen={isCreating}
        onOpenChange={setIsCreating}
        onCreated={() => void Promise.all([list.refetch(), models.refetch()])}
      />
      <ConfirmDialog
        isOpen={doomed !== undefined}
        onOpenChange={(isOpen) => !isOpen && setDoomed(undefined)}
        title={`Delete “${doomed?.name ?? ""}”?`}
        description="Agents that use it fail from their next run on. This can't be undone."
        confirmLabel="Delete credential"
        onConfirm={async () => {
          if (doomed) await client.credential.delete.mutate({ id: doomed.id });
          await list.refetch();
        }}
      />
    </Page>
  );
}
