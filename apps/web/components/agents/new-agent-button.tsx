"use client";
import type { AgentDocumentInput } from "@heddle/schema";
import { useMutation } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { Button } from "@/components/ui/button";
import { toastError } from "@/lib/toast-error";
import { useTRPC } from "@/lib/trpc";
import { useWorkspace } from "@/lib/workspace";

/** What an agent from the empty canvas begins with: it echoes, so that the first test run already shows something. */
const STARTER: AgentDocumentInput = {
  nodes: [
    { id: "message", type: "chat-trigger", name: "Chat message", position: { x: 0, y: 0 } },
    {
      id: "reply",
      type: "reply",
      name: "Reply",
      position: { x: 360, y: 0 },
      params: { mode: "text", text: "You wrote: {{ input.message }}" },
    },
  ],
  edges: [{ id: "message-reply", source: { node: "message" }, target: { node: "reply" } }],
};

/** Makes a small agent and opens it in the builder. */
export function NewAgentButton({ className }: { className?: string }) {
  const trpc = useTRPC();
  const router = useRouter();
  const { workspace } = useWorkspace();
  const create = useMutation(
    trpc.agent.create.mutationOptions({ onSuccess: ({ id }) => router.push(`/builder?agent=${id}`), onError: toastError }),
  );
  return (
    <Button
      {...(className === undefined ? {} : { className })}
      isBusy={create.isPending || create.isSuccess}
      onClick={() => create.mutate({ workspaceId: workspace.id, name: "New agent", config: STARTER })}
    >
      Start empty
    </Button>
  );
}
