"use client";
import { useQuery } from "@tanstack/react-query";
import { SectionCard } from "@/components/ui/card";
import { ErrorState } from "@/components/ui/error-state";
import { useTRPC } from "@/lib/trpc";
import { useWorkspace } from "@/lib/workspace";
import { ScheduleItem } from "./schedule-item";

/** The clocks that start a deployment, with their next runs. Nothing for agents without any. */
export function SchedulesCard({ deploymentId, isActive }: { deploymentId: string; isActive: boolean }) {
  const trpc = useTRPC();
  const { workspace } = useWorkspace();
  const schedules = useQuery(
    trpc.schedule.list.queryOptions(
      { workspaceId: workspace.id, deploymentId, limit: 200 },
      {
        // Once a run has begun the list looks ahead again.
        refetchInterval: ({ state }) => {
          const next = Math.min(...(state.data?.items ?? []).flatMap(({ upcoming }) => (upcoming[0] ? [Date.parse(upcoming[0])] : [])));
          return Number.isFinite(next) ? Math.min(Math.max(next - Date.now() + 1_000, 2_000), 60_000) : 60_000;
        },
      },
    ),
  );
  if (schedules.error) return <ErrorState error={schedules.error} onRetry={schedules.refetch} />;
  if (schedules.data === undefined || schedules.data.items.length === 0) return null;
  return (
    <SectionCard title="Schedules" description="Starts a run at each of these times, once, also where a server fails or clocks change.">
      <ul className="-my-3 divide-y divide-line">
        {schedules.data.items.map((schedule) => (
          <ScheduleItem key={schedule.id} schedule={schedule} isActive={isActive} onChange={() => void schedules.refetch()} />
        ))}
      </ul>
    </SectionCard>
  );
}
