"use client";
import { useQuery } from "@tanstack/react-query";
import { useTRPC } from "@/lib/trpc";
import { useWorkspace } from "@/lib/workspace";

const MOST = 99;

/** How many approvals are open, for a badge: "3", "99+"; undefined for none and while it is not known. */
export function useOpenApprovals(): string | undefined {
  const trpc = useTRPC();
  const { workspace } = useWorkspace();
  const list = useQuery(trpc.approval.list.queryOptions({ workspaceId: workspace.id, limit: MOST }, { refetchInterval: 15_000 }));
  const count = list.data?.items.length ?? 0;
  if (count === 0) return undefined;
  return list.data?.nextCursor === null ? String(count) : `${MOST}+`;
}
