"use client";
import { useMemo, useState } from "react";
import { toast } from "sonner";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { SearchInput } from "@/components/ui/search-input";
import { rankMatches } from "@/lib/rank-matches";
import { NodeIcon } from "../canvas/node-icon";
import { connectionsFrom, firstPossible } from "../model/possible-connections.ts";
import { useBuilder, useBuilderStore, useRegistry } from "../store/builder-context";
import { useConnectStore } from "../store/connect-store";

/** Draws a wire without a mouse: lists everything that the node can be connected to. */
export function ConnectDialog() {
  const nodeId = useConnectStore((state) => state.nodeId);
  const close = useConnectStore((state) => state.close);
  const name = useBuilder((state) => (nodeId === undefined ? "" : (state.nodesById.get(nodeId)?.name ?? nodeId)));
  return (
    <Dialog open={nodeId !== undefined} onOpenChange={(isOpen) => !isOpen && close()}>
      <DialogContent title={`Connect “${name}” to…`} size="md">
        {nodeId !== undefined && <Choices nodeId={nodeId} onDone={close} />}
      </DialogContent>
    </Dialog>
  );
}

function Choices({ nodeId, onDone }: { nodeId: string; onDone: () => void }) {
  const store = useBuilderStore();
  const registry = useRegistry();
  const document = useBuilder((state) => state.document);
  const [query, setQuery] = useState("");
  const all = useMemo(() => connectionsFrom(document, registry, nodeId), [document, registry, nodeId]);
  const found = useMemo(
    () =>
      firstPossible(
        document,
        registry,
        rankMatches(all, query, (choice) => `${choice.name} ${choice.detail}`),
        40,
      ),
    [document, registry, all, query],
  );
  return (
    <div>
      <SearchInput
        autoFocus
        aria-label="Search nodes"
        placeholder="Search nodes"
        value={query}
        onChange={(event) => setQuery(event.target.value)}
      />
      <ul className="mt-2 max-h-80 overflow-y-auto">
        {found.map((choice) => {
          const definition = registry.get(choice.type);
          return (
            <li key={choice.key}>
              <button
                type="button"
                onClick={() => {
                  const refusal = store.getState().connect(choice.edge);
                  if (refusal !== undefined) toast.error(refusal);
                  store.getState().select([nodeId]);
                  onDone();
                }}
                className="flex h-10 w-full items-center gap-2.5 rounded-md px-2 text-left text-sm hover:bg-hover focus-visible:bg-hover focus-visible:-outline-offset-2"
              >
                <NodeIcon icon={definition?.icon} category={definition?.category} />
                <span className="truncate">{choice.name}</span>
                <span className="ml-auto shrink-0 text-xs text-muted">{choice.detail}</span>
              </button>
            </li>
          );
        })}
      </ul>
      {found.length === 0 && (
        <p className="py-6 text-center text-sm text-muted">
          {query === "" ? "There is nothing that this node can be connected to." : "Nothing matches."}
        </p>
      )}
    </div>
  );
}
