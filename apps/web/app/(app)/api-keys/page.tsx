"use client";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Gauge, KeyRound, Trash2 } from "lucide-react";
import { useState } from "react";
import { CreateKeyDialog } from "@/components/api-keys/create-key-dialog";
import { KeyLimitDialog, type LimitedKey } from "@/components/limits/key-limit-dialog";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { DataTable } from "@/components/ui/data-table";
import { EmptyState } from "@/components/ui/empty-state";
import { Page, PageHeader } from "@/components/ui/page-header";
import { formatAgo, formatCount, formatTime } from "@/lib/format";
import { useTRPC, useTRPCClient } from "@/lib/trpc";
import { useWorkspace } from "@/lib/workspace";

export default function ApiKeysPage() {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const { workspace, canAdminister } = useWorkspace();
  const [isCreating, setIsCreating] = useState(false);
  const [doomed, setDoomed] = useState<{ id: string; name: string }>();
  const [limited, setLimited] = useState<LimitedKey>();
  const keys = useInfiniteQuery({
    ...trpc.apiKey.list.infiniteQueryOptions({ workspaceId: workspace.id }, { getNextPageParam: (page) => page.nextCursor ?? undefined }),
    enabled: canAdminister,
  });
  const createButton = (
    <Button variant="primary" onClick={() => setIsCreating(true)}>
      New API key
    </Button>
  );
  if (!canAdminister)
    return (
      <Page>
        <PageHeader title="API keys" />
        <EmptyState icon={<KeyRound />} title="Only administrators see the keys">
          Ask an owner or administrator of {workspace.name} for a key.
        </EmptyState>
      </Page>
    );
  return (
    <Page>
      <PageHeader title="API keys" description="What programs show to call this workspace." actions={createButton} />
      <DataTable
        label="API keys"
        query={keys}
        rowKey={(key) => key.id}
        columns={[
          {
            key: "name",
            header: "Name",
            cell: (key) => (
              <>
                {key.name}
                <span className="ml-2 font-mono text-2xs text-muted">{key.prefix}…</span>
              </>
            ),
          },
          {
            key: "scopes",
            header: "May",
            cell: (key) => (
              <span className="flex gap-1">
                {key.scopes.map((scope) => (
                  <Badge key={scope}>{scope}</Badge>
                ))}
              </span>
            ),
          },
          {
            key: "limit",
            header: "Requests a minute",
            isSecondary: true,
            className: "text-muted tabular-nums",
            cell: (key) => (key.rateLimit === null ? "Server's default" : formatCount(key.rateLimit)),
          },
          {
            key: "used",
            header: "Last used",
            isSecondary: true,
            className: "text-muted",
            cell: (key) =>
              key.lastUsedAt === null ? "Never" : <span title={formatTime(key.lastUsedAt)}>{formatAgo(key.lastUsedAt)}</span>,
          },
          {
            key: "expires",
            header: "Works until",
            isSecondary: true,
            className: "text-muted",
            cell: (key) => (key.expiresAt === null ? "No end" : formatTime(key.expiresAt)),
          },
        ]}
        rowActions={(key) => (
          <span className="flex justify-end">
            <Button variant="ghost" size="iconSm" aria-label={`Limit ${key.name}`} onClick={() => setLimited(key)}>
              <Gauge aria-hidden />
            </Button>
            <Button
              variant="ghost"
              size="iconSm"
              aria-label={`Revoke ${key.name}`}
              onClick={() => setDoomed({ id: key.id, name: key.name })}
            >
              <Trash2 aria-hidden />
            </Button>
          </span>
        )}
        empty={
          <EmptyState icon={<KeyRound />} title="No API keys yet" action={createButton}>
            A program needs a key to call a deployed agent.
          </EmptyState>
        }
      />
      <CreateKeyDialog isOpen={isCreating} onOpenChange={setIsCreating} onCreated={() => void keys.refetch()} />
      {limited && <KeyLimitDialog apiKey={limited} onClose={() => setLimited(undefined)} onSaved={() => keys.refetch()} />}
      <ConfirmDialog
        isOpen={doomed !== undefined}
        onOpenChange={(isOpen) => !isOpen && setDoomed(undefined)}
        title={`Revoke “${doomed?.name ?? ""}”?`}
        description="Programs that use it are refused from now on. This can't be undone."
        confirmLabel="Revoke the key"
        onConfirm={async () => {
          if (doomed) await client.apiKey.revoke.mutate({ workspaceId: workspace.id, id: doomed.id });
          await keys.refetch();
        }}
      />
    </Page>
  );
}
