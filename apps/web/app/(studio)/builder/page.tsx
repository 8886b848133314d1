"use client";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useSearchParams } from "next/navigation";
import { Builder } from "@/builder/builder";
import { BuilderSkeleton } from "@/builder/builder-skeleton";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { ErrorState } from "@/components/ui/error-state";
import { useTRPC } from "@/lib/trpc";

export default function BuilderPage() {
  const id = useSearchParams().get("agent") ?? "";
  const trpc = useTRPC();
  // Opened once: from here on the builder holds the draft and saves it. What is in the cache may be old by the next visit.
  const agent = useQuery(
    trpc.agent.byId.queryOptions(
      { id },
      { enabled: id !== "", staleTime: Infinity, gcTime: 0, refetchOnWindowFocus: false, refetchOnReconnect: false },
    ),
  );
  const back = (
    <Button asChild>
      <Link href="/agents">Go to your agents</Link>
    </Button>
  );
  if (id === "")
    return (
      <main className="flex min-h-dvh items-center justify-center">
        <EmptyState title="No agent chosen" action={back}>
          Open one from the list of agents.
        </EmptyState>
      </main>
    );
  if (agent.data !== undefined) return <Builder key={agent.data.id} agent={agent.data} />;
  if (agent.error !== null)
    return (
      <main className="flex min-h-dvh flex-col items-center justify-center">
        <ErrorState error={agent.error} onRetry={agent.refetch} className="pb-2" />
        {back}
      </main>
    );
  return <BuilderSkeleton />;
}
