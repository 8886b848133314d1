"use client";
import { useQuery } from "@tanstack/react-query";
import { FilePlus2 } from "lucide-react";
import { NewAgentButton } from "@/components/agents/new-agent-button";
import { TemplateCard } from "@/components/templates/template-card";
import { ErrorState } from "@/components/ui/error-state";
import { Page, PageHeader } from "@/components/ui/page-header";
import { Skeleton } from "@/components/ui/skeleton";
import { useTRPC } from "@/lib/trpc";
import { useWorkspace } from "@/lib/workspace";

export default function TemplatesPage() {
  const trpc = useTRPC();
  const { canEdit } = useWorkspace();
  const templates = useQuery(trpc.template.list.queryOptions({}));
  return (
    <Page>
      <PageHeader title="Templates" description="Agents that work from the first minute. Change everything afterwards." />
      {templates.error !== null && <ErrorState error={templates.error} onRetry={templates.refetch} />}
      <ul className="grid gap-4 sm:grid-cols-2 lg:grid-cols-3">
        {templates.isPending && [1, 2, 3].map((key) => <Skeleton key={key} className="h-44 rounded-lg" />)}
        {templates.data?.items.map((template) => (
          <TemplateCard key={template.id} template={template} />
        ))}
        {canEdit && (
          <li className="flex flex-col items-start rounded-lg border border-dashed border-line-strong p-4">
            <span className="flex size-9 items-center justify-center rounded-md border border-line bg-surface text-muted" aria-hidden>
              <FilePlus2 className="size-4.5" />
            </span>
            <h2 className="mt-3 text-base font-semibold tracking-tight">Empty canvas</h2>
            <p className="mt-1 flex-1 text-sm text-muted">Start with a chat message and a reply, and draw the rest yourself.</p>
            <NewAgentButton className="mt-3" />
          </li>
        )}
      </ul>
    </Page>
  );
}
