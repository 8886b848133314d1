"use client";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { toastError } from "@/lib/toast-error";
import { useTRPC } from "@/lib/trpc";
import { useBuilder, useBuilderStore } from "../store/builder-context";

/** The agent's name, changed in place. */
export function AgentName() {
  const store = useBuilderStore();
  const trpc = useTRPC();
  const { agentId, name, canEdit } = {
    agentId: useBuilder((state) => state.agentId),
    name: useBuilder((state) => state.name),
    canEdit: useBuilder((state) => state.canEdit),
  };
  const [text, setText] = useState(name);
  const [known, setKnown] = useState(name);
  if (known !== name) {
    setKnown(name);
    setText(name);
  }
  const rename = useMutation(
    trpc.agent.update.mutationOptions({
      onError: (error) => {
        setText(name);
        store.getState().setName(name);
        toastError(error);
      },
    }),
  );
  const commit = () => {
    const next = text.trim();
    if (next === "" || next === name) return setText(name);
    store.getState().setName(next);
    rename.mutate({ id: agentId, name: next });
  };
  return (
    <h1 className="min-w-0 text-sm font-semibold tracking-tight">
      <input
        aria-label="Name of the agent"
        value={text}
        disabled={!canEdit}
        maxLength={120}
        onChange={(event) => setText(event.target.value)}
        onBlur={commit}
        onKeyDown={(event) => {
          if (event.key === "Enter") event.currentTarget.blur();
          if (event.key === "Escape") setText(name);
        }}
        className="field-sizing-content min-w-16 max-w-full truncate rounded-sm bg-transparent px-1.5 py-1 hover:bg-hover focus:bg-transparent"
      />
    </h1>
  );
}
