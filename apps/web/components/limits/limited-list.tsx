"use client";
import { useInfiniteQuery } from "@tanstack/react-query";
import type { LimitsResource } from "@heddle/schema";
import Link from "next/link";
import { type ReactNode, useState } from "react";
import { Button } from "@/components/ui/button";
import { SectionCard } from "@/components/ui/card";
import { ErrorNote } from "@/components/ui/error-state";
import { Select } from "@/components/ui/select";
import { Skeleton } from "@/components/ui/skeleton";
import { formatCount } from "@/lib/format";
import { useTRPC } from "@/lib/trpc";
import { useWorkspace } from "@/lib/workspace";
import { AgentLimitsDialog, type LimitedAgent } from "./agent-limits-dialog";
import { KeyLimitDialog, type LimitedKey } from "./key-limit-dialog";

/** Agents with limits of their own, and a way to limit another. */
export function LimitedAgents({ limits }: { limits: LimitsResource }) {
  const trpc = useTRPC();
  const { workspace, canEdit } = useWorkspace();
  const [edited, setEdited] = useState<LimitedAgent>();
  const agents = useInfiniteQuery(
    trpc.agent.list.infiniteQueryOptions(
      { workspaceId: workspace.id, limit: 200 },
      { getNextPageParam: (page) => page.nextCursor ?? undefined },
    ),
  );
  const limited = new Set(limits.agents.map(({ agentId }) => agentId));
  const others = (agents.data?.pages.flatMap((page) => page.items) ?? []).filter(({ id }) => !limited.has(id));
  return (
    <SectionCard title="Agents" description="Agents with limits of their own, beside those of the workspace.">
      {limits.agents.length === 0 ? (
        <p className="text-sm text-muted">No agent has a limit of its own: any may be called as often as its callers like.</p>
      ) : (
        <ul className="divide-y divide-line border-y border-line">
          {limits.agents.map((agent) => (
            <Row
              key={agent.agentId}
              name={agent.agentName}
              action={
                canEdit && (
                  <Button size="sm" aria-label={`Change the limits of ${agent.agentName}`} onClick={() => setEdited(agent)}>
                    Change
                  </Button>
                )
              }
            >
              {[
                ...(agent.rateLimit === null ? [] : [`${formatCount(agent.rateLimit)} calls a minute`]),
                ...(agent.concurrency === null ? [] : [`${formatCount(agent.concurrency)} at once`]),
              ].join(", ")}
            </Row>
          ))}
        </ul>
      )}
      <ErrorNote error={agents.error} className="mt-3" />
      {canEdit && others.length > 0 && (
        <Select
          aria-label="Limit another agent"
          className="mt-3 max-w-xs"
          placeholder="Limit another agent…"
          value={undefined}
          options={others.map(({ id, name }) => ({ value: id, label: name }))}
          onValueChange={(id) => {
            const agent = others.find((each) => each.id === id);
            if (agent) setEdited({ agentId: agent.id, agentName: agent.name, rateLimit: null, concurrency: null });
          }}
        />
      )}
      {edited && <AgentLimitsDialog agent={edited} onClose={() => setEdited(undefined)} />}
    </SectionCard>
  );
}

/** Every API key and how often it may call; for administrators. */
export function LimitedKeys() {
  const trpc = useTRPC();
  const { workspace } = useWorkspace();
  const [edited, setEdited] = useState<LimitedKey>();
  const keys = useInfiniteQuery(
    trpc.apiKey.list.infiniteQueryOptions(
      { workspaceId: workspace.id, limit: 200 },
      { getNextPageParam: (page) => page.nextCursor ?? undefined },
    ),
  );
  const items = keys.data?.pages.flatMap((page) => page.items);
  return (
    <SectionCard title="API keys" description="How often each key may call, across all processes.">
      <ErrorNote error={keys.error} />
      {items === undefined && keys.error === null && <Skeleton className="h-10" />}
      {items?.length === 0 && (
        <p className="text-sm text-muted">
          There are no API keys yet. <Link href="/api-keys">Make one</Link> for each program that calls.
        </p>
      )}
      {items !== undefined && items.length > 0 && (
        <ul className="divide-y divide-line border-y border-line">
          {items.map((key) => (
            <Row
              key={key.id}
              name={key.name}
              action={
                <Button size="sm" aria-label={`Change the limit of ${key.name}`} onClick={() => setEdited(key)}>
                  Change
                </Button>
              }
            >
              {key.rateLimit === null ? "The server's default" : `${formatCount(key.rateLimit)} requests a minute`}
            </Row>
          ))}
        </ul>
      )}
      {edited && <KeyLimitDialog apiKey={edited} onClose={() => setEdited(undefined)} onSaved={() => keys.refetch()} />}
    </SectionCard>
  );
}

function Row({ name, action, children }: { name: string; action: ReactNode; children: ReactNode }) {
  return (
    <li className="flex min-h-11 flex-wrap items-center gap-x-3 gap-y-1 py-1.5 text-sm">
      <span className="min-w-40 flex-1 truncate font-medium">{name}</span>
      <span className="tabular-nums text-muted">{children}</span>
      {action}
    </li>
  );
}
