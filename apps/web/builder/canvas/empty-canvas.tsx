"use client";
import { Button } from "@/components/ui/button";
import { useBuilder, useBuilderStore, useRegistry } from "../store/builder-context";
import { NodeIcon } from "./node-icon";

const STARTS = [
  { type: "chat-trigger", label: "Chat message", help: "People talk to it" },
  { type: "api-trigger", label: "API call", help: "Programs call it" },
  { type: "webhook-trigger", label: "Webhook", help: "Other services send it events" },
];

/** What to do first, while there is nothing on the canvas. */
export function EmptyCanvas() {
  const store = useBuilderStore();
  const registry = useRegistry();
  const canEdit = useBuilder((state) => state.canEdit);
  return (
    <div className="pointer-events-none absolute inset-0 flex flex-col items-center justify-center gap-1 p-6 text-center">
      <h2 className="text-lg font-semibold tracking-tight">{canEdit ? "How does this agent start?" : "This agent is empty"}</h2>
      {canEdit && (
        <>
          <p className="text-sm text-muted">Choose a trigger, then add what should happen.</p>
          <div className="pointer-events-auto mt-4 flex flex-wrap justify-center gap-2">
            {STARTS.map(({ type, label, help }) => {
              const definition = registry.get(type);
              return (
                <Button
                  key={type}
                  className="h-auto gap-3 py-2.5 pl-2.5 pr-4 text-left"
                  onClick={() => store.getState().addNode(type, { position: { x: 0, y: 0 } })}
                >
                  <NodeIcon icon={definition?.icon} category={definition?.category} />
                  <span>
                    <span className="block text-sm font-medium">{label}</span>
                    <span className="block text-xs font-normal text-muted">{help}</span>
                  </span>
                </Button>
              );
            })}
          </div>
        </>
      )}
    </div>
  );
}
