"use client";
import { BoxSelect, Cable, Copy, CopyPlus, LogIn, LogOut, Power, Trash2 } from "lucide-react";
import { withInsides } from "@heddle/graph";
import { useMemo } from "react";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from "@/components/ui/dropdown-menu";
import { useBuilder, useBuilderStore, useRegistry } from "../store/builder-context";
import { canLiveInside } from "../model/containers.ts";
import { useNodeActions } from "./use-node-actions";
import { tellDrop } from "./use-container-drag";

export interface NodeMenuTarget {
  nodeId: string;
  x: number;
  y: number;
}

/** The menu of a node, opened by a right click or the context-menu key. */
export function NodeMenu({ target, onClose }: { target: NodeMenuTarget | undefined; onClose: () => void }) {
  return (
    <DropdownMenu open={target !== undefined} onOpenChange={(isOpen) => !isOpen && onClose()} modal={false}>
      <DropdownMenuTrigger asChild>
        <span aria-hidden className="pointer-events-none absolute size-px" style={{ left: target?.x ?? 0, top: target?.y ?? 0 }} />
      </DropdownMenuTrigger>
      {target !== undefined && <NodeMenuItems nodeId={target.nodeId} />}
    </DropdownMenu>
  );
}

/** What can be done with a node; the same in the canvas's menu and in the inspector's. */
export function NodeMenuItems({ nodeId, align = "start" }: { nodeId: string; align?: "start" | "end" }) {
  const store = useBuilderStore();
  const actions = useNodeActions();
  const canEdit = useBuilder((state) => state.canEdit);
  const isDisabled = useBuilder((state) => state.nodesById.get(nodeId)?.isDisabled === true);
  const focusThis = () => {
    if (!store.getState().selectedNodes.has(nodeId)) store.getState().select([nodeId]);
  };
  const withThis = (act: () => void) => () => {
    focusThis();
    act();
  };
  return (
    <DropdownMenuContent align={align} className="w-52">
      {canEdit && (
        <DropdownMenuItem onSelect={() => actions.openConnect(nodeId)} shortcut="C">
          <Cable aria-hidden />
          Connect to…
        </DropdownMenuItem>
      )}
      <DropdownMenuItem onSelect={withThis(actions.copy)} shortcut="⌘C">
        <Copy aria-hidden />
        Copy
      </DropdownMenuItem>
      {canEdit && (
        <>
          <DropdownMenuItem onSelect={withThis(actions.duplicate)} shortcut="⌘D">
            <CopyPlus aria-hidden />
            Duplicate
          </DropdownMenuItem>
          <DropdownMenuItem onSelect={() => store.getState().patchNode(nodeId, { isDisabled: isDisabled ? null : true })}>
            <Power aria-hidden />
            {isDisabled ? "Enable" : "Disable"}
          </DropdownMenuItem>
          <ContainerItems nodeId={nodeId} />
          <DropdownMenuSeparator />
          <DropdownMenuItem isDestructive onSelect={withThis(actions.removeSelected)} shortcut="⌫">
            <Trash2 aria-hidden />
            Delete
          </DropdownMenuItem>
        </>
      )}
    </DropdownMenuContent>
  );
}

/** Containers that are offered by name; with more, dragging is quicker. */
const MOST_HOMES = 5;

/** Into a container, out of it, and away with it: what dragging does, for those who don't. */
function ContainerItems({ nodeId }: { nodeId: string }) {
  const store = useBuilderStore();
  const registry = useRegistry();
  const nodes = useBuilder((state) => state.nodesById);
  const boxes = useBuilder((state) => state.boxes);
  const selected = useBuilder((state) => state.selectedNodes);
  const node = nodes.get(nodeId);
  const homes = useMemo(() => {
    const moved = withInsides(store.getState().document, selected.has(nodeId) ? selected : [nodeId]);
    return [...boxes.keys()].filter((id) => !moved.has(id) && id !== nodes.get(nodeId)?.parent).slice(0, MOST_HOMES);
  }, [store, boxes, nodes, selected, nodeId]);
  if (node === undefined || boxes.size === 0) return null;
  const parent = node.parent === undefined ? undefined : nodes.get(node.parent);
  const move = (container: string | undefined) => {
    const { selectedNodes, moveInto, undo } = store.getState();
    tellDrop(moveInto(selectedNodes.has(nodeId) ? selectedNodes : [nodeId], container), undo);
  };
  const isContainer = boxes.has(nodeId);
  return (
    <>
      <DropdownMenuSeparator />
      {canLiveInside(registry, node.type) &&
        homes.map((id) => (
          <DropdownMenuItem key={id} onSelect={() => move(id)}>
            <LogIn aria-hidden />
            <span className="truncate">Move into {nodes.get(id)?.name}</span>
          </DropdownMenuItem>
        ))}
      {parent !== undefined && (
        <DropdownMenuItem onSelect={() => move(parent.parent)}>
          <LogOut aria-hidden />
          <span className="truncate">Move out of {parent.name}</span>
        </DropdownMenuItem>
      )}
      {isContainer && (
        <DropdownMenuItem onSelect={() => store.getState().dissolve(nodeId)}>
          <BoxSelect aria-hidden />
          Dissolve
        </DropdownMenuItem>
      )}
    </>
  );
}
