"use client";
import { useQuery } from "@tanstack/react-query";
import { Checkbox } from "@/components/ui/checkbox";
import { FormField } from "@/components/ui/form-field";
import { Select } from "@/components/ui/select";
import { Skeleton } from "@/components/ui/skeleton";
import { useTRPC } from "@/lib/trpc";
import { useWorkspace } from "@/lib/workspace";

export interface AgentFilterProps {
  /** Undefined for all agents. */
  agentIds: string[] | undefined;
  onChange: (agentIds: string[] | undefined) => void;
}

/** Whose runs are told of: all agents', or some. */
export function AgentFilter({ agentIds, onChange }: AgentFilterProps) {
  const trpc = useTRPC();
  const { workspace } = useWorkspace();
  const agents = useQuery({ ...trpc.agent.list.queryOptions({ workspaceId: workspace.id, limit: 200 }), enabled: agentIds !== undefined });
  const known = agents.data?.items ?? [];
  return (
    <div className="flex flex-col gap-2">
      <FormField label="Runs of">
        {(control) => (
          <Select
            {...control}
            value={agentIds === undefined ? "all" : "some"}
            onValueChange={(value) => onChange(value === "all" ? undefined : [])}
            options={[
              { value: "all", label: "All agents" },
              { value: "some", label: "Only some agents" },
            ]}
          />
        )}
      </FormField>
      {agentIds !== undefined && (
        <fieldset className="max-h-44 overflow-y-auto rounded-md border border-line p-2">
          <legend className="sr-only">Agents</legend>
          {agents.isPending && <Skeleton className="h-5 w-40" />}
          {agents.data?.items.length === 0 && <p className="text-xs text-muted">There are no agents yet.</p>}
          {known.map((agent) => (
            <label key={agent.id} className="flex items-center gap-2.5 rounded-sm px-1 py-1 text-sm hover:bg-hover">
              <Checkbox
                checked={agentIds.includes(agent.id)}
                onCheckedChange={(isOn) =>
                  onChange(isOn === true ? [...agentIds, agent.id] : agentIds.filter((other) => other !== agent.id))
                }
              />
              <span className="min-w-0 truncate">{agent.name}</span>
            </label>
          ))}
        </fieldset>
      )}
    </div>
  );
}
