"use client";
import { Cable, Copy, CopyPlus, Power, Trash2 } from "lucide-react";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from "@/components/ui/dropdown-menu";
import { useBuilder, useBuilderStore } from "../store/builder-context";
import { useNodeActions } from "./use-node-actions";

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
