"use client";
import type { NodeDefinition } from "@heddle/node-kit";
import type { KeyboardEvent } from "react";
import { NodeIcon } from "../canvas/node-icon";

/** The kind of data that a dragged palette entry carries. */
export const NODE_DRAG_TYPE = "application/x-heddle-node";

/** One node type in the palette: click or Enter adds it, dragging puts it somewhere. */
export function PaletteItem({
  definition,
  onAdd,
  onKeyDown,
}: {
  definition: NodeDefinition;
  onAdd: (type: string) => void;
  onKeyDown: (event: KeyboardEvent) => void;
}) {
  return (
    <button
      type="button"
      data-palette-item
      draggable
      title={definition.summary}
      onDragStart={(event) => {
        event.dataTransfer.setData(NODE_DRAG_TYPE, definition.type);
        event.dataTransfer.effectAllowed = "copy";
      }}
      onClick={() => onAdd(definition.type)}
      onKeyDown={onKeyDown}
      className="flex h-9 w-full items-center gap-2.5 rounded-md px-2 text-left text-sm text-fg hover:bg-hover active:bg-active"
    >
      <NodeIcon icon={definition.icon} category={definition.category} className="size-6 rounded-sm [&_svg]:size-3.5" />
      <span className="truncate">{definition.name}</span>
    </button>
  );
}
