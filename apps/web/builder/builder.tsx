"use client";
import { definitions } from "@heddle/nodes/definitions";
import type { AgentDetail } from "@heddle/schema";
import { ReactFlowProvider } from "@xyflow/react";
import { useState } from "react";
import { useWorkspace } from "@/lib/workspace";
import { BuilderFrame } from "./builder-frame";
import { BuilderProvider } from "./store/builder-context";
import { createBuilderStore } from "./store/builder-store.ts";
import { SavingProvider } from "./store/saving-context";
import { useAutosave } from "./store/use-autosave";
import { useValidation } from "./store/use-validation";

/** The editor of one agent. Key it by the agent's id. */
export function Builder({ agent }: { agent: AgentDetail }) {
  const { canEdit } = useWorkspace();
  const [store] = useState(() =>
    createBuilderStore({ agentId: agent.id, name: agent.name, document: agent.config, canEdit, registry: definitions }),
  );
  const saving = useAutosave(store, agent);
  useValidation(store, definitions);
  return (
    <BuilderProvider store={store} registry={definitions}>
      <SavingProvider saving={saving}>
        <ReactFlowProvider>
          <BuilderFrame />
        </ReactFlowProvider>
      </SavingProvider>
    </BuilderProvider>
  );
}
