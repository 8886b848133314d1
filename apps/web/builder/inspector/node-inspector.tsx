"use client";
import { Ellipsis } from "lucide-react";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { DropdownMenu, DropdownMenuTrigger } from "@/components/ui/dropdown-menu";
import { EmptyState } from "@/components/ui/empty-state";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "@/components/ui/tabs";
import { NodeIcon } from "../canvas/node-icon";
import { NodeMenuItems } from "../canvas/node-menu";
import { useBuilder, useBuilderStore, useRegistry } from "../store/builder-context";
import { DocsText } from "./docs-text";
import { LastRun } from "./last-run";
import { NodeIdField } from "./node-id-field";
import { NodeSettings } from "./node-settings";

/** Everything about one node. */
export function NodeInspector({ nodeId }: { nodeId: string }) {
  const store = useBuilderStore();
  const registry = useRegistry();
  const node = useBuilder((state) => state.nodesById.get(nodeId));
  const canEdit = useBuilder((state) => state.canEdit);
  const hasRun = useBuilder((state) => state.run?.nodes[nodeId] !== undefined);
  if (node === undefined) return null;
  const definition = registry.get(node.type);
  return (
    <div>
      <header className="flex items-start gap-2.5 px-4 pb-3 pt-4">
        <NodeIcon icon={definition?.icon} category={definition?.category} className="mt-0.5" />
        <div className="min-w-0 flex-1">
          <input
            aria-label="Name"
            value={node.name}
            disabled={!canEdit}
            maxLength={120}
            onChange={(event) =>
              event.target.value.trim() !== "" && store.getState().patchNode(nodeId, { name: event.target.value }, `name:${nodeId}`)
            }
            className="-mx-1 w-full truncate rounded-sm bg-transparent px-1 text-base font-semibold tracking-tight hover:bg-hover focus:bg-transparent"
          />
          <NodeIdField nodeId={nodeId} />
        </div>
        <DropdownMenu>
          <DropdownMenuTrigger asChild>
            <Button variant="ghost" size="iconSm" aria-label="Node menu">
              <Ellipsis aria-hidden />
            </Button>
          </DropdownMenuTrigger>
          <NodeMenuItems nodeId={nodeId} align="end" />
        </DropdownMenu>
      </header>
      {node.isDisabled === true && (
        <p className="mx-4 mb-3 rounded-md border border-warn-line bg-warn-soft px-2.5 py-1.5 text-xs text-warn">
          This node is disabled: it passes its input through.
        </p>
      )}
      {definition === undefined ? (
        <EmptyState title="Unknown node type">
          This Heddle has no node of the type “{node.type}”. Remove the node, or open the agent in the Heddle it was made with.
        </EmptyState>
      ) : (
        <Tabs defaultValue="settings">
          <TabsList className="px-4">
            <TabsTrigger value="settings">Settings</TabsTrigger>
            <TabsTrigger value="run">Last run{hasRun && <span className="size-1.5 rounded-full bg-accent" aria-hidden />}</TabsTrigger>
            <TabsTrigger value="docs">Help</TabsTrigger>
          </TabsList>
          <TabsContent value="settings" className="pt-0">
            <NodeSettings node={node} definition={definition} />
          </TabsContent>
          <TabsContent value="run" className="px-4 pb-6">
            <LastRun node={node} />
          </TabsContent>
          <TabsContent value="docs" className="px-4 pb-6">
            <p className="mb-3 flex items-center gap-2 text-xs text-muted">
              <Badge>{definition.name}</Badge>
              {definition.summary}
            </p>
            <DocsText markdown={definition.docs} />
          </TabsContent>
        </Tabs>
      )}
    </div>
  );
}
