"use client";
import { useQueryClient } from "@tanstack/react-query";
import { useTRPC, useTRPCClient } from "@/lib/trpc";
import { RateDialog } from "./rate-dialog";

export interface LimitedAgent {
  agentId: string;
  agentName: string;
  rateLimit: number | null;
  concurrency: number | null;
}

const FIELDS = [
  { key: "rateLimit", label: "Calls a minute", help: "Of all callers together. Above it they get 429 and are told when to try again.", placeholder: "No limit" },
  { key: "concurrency", label: "Runs at once", help: "Queued runs wait for their turn; callers who wait for an answer get 429.", placeholder: "The workspace's" },
] as const; // prettier-ignore

/** How often, and how many times at once, one agent may be run. */
export function AgentLimitsDialog({ agent, onClose }: { agent: LimitedAgent; onClose: () => void }) {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const queries = useQueryClient();
  return (
    <RateDialog
      title={`Limits of ${agent.agentName}`}
      description="They hold at once, in every process. Leave a field empty for no limit of its own."
      fields={FIELDS}
      values={agent}
      onClose={onClose}
      onSave={async (limits) => {
        await client.limits.updateAgent.mutate({ agentId: agent.agentId, limits });
        await queries.invalidateQueries(trpc.limits.pathFilter());
      }}
    />
  );
}
