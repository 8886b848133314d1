"use client";
import { useTRPCClient } from "@/lib/trpc";
import { useWorkspace } from "@/lib/workspace";
import { RateDialog } from "./rate-dialog";

export interface LimitedKey {
  id: string;
  name: string;
  rateLimit: number | null;
}

const FIELDS = [
  { key: "rateLimit", label: "Requests a minute", help: "Above it the program gets 429 and is told when to try again.", placeholder: "The server's default" },
] as const; // prettier-ignore

/** How often one API key may call. */
export function KeyLimitDialog({ apiKey, onClose, onSaved }: { apiKey: LimitedKey; onClose: () => void; onSaved: () => unknown }) {
  const client = useTRPCClient();
  const { workspace } = useWorkspace();
  return (
    <RateDialog
      title={`Limit of ${apiKey.name}`}
      description="It holds at once, in every process. Leave it empty for the server's default, which is no limit unless its operator set one."
      fields={FIELDS}
      values={apiKey}
      onClose={onClose}
      onSave={async ({ rateLimit }) => {
        await client.apiKey.update.mutate({ workspaceId: workspace.id, id: apiKey.id, rateLimit });
        await onSaved();
      }}
    />
  );
}
