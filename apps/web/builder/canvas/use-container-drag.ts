"use client";
import { withInsides } from "@heddle/graph";
import type { NodeChange, NodePositionChange } from "@xyflow/react";
import { type Dispatch, type SetStateAction, useMemo, useRef } from "react";
import { toast } from "sonner";
import { containerAt } from "../model/containers.ts";
import { flowNodesOf } from "../model/flow-elements.ts";
import { HEAD_HEIGHT } from "../model/node-shape.ts";
import { useBuilderStore, useRegistry } from "../store/builder-context";
import { type Drop, followed } from "../store/drops.ts";
import type { CardNode } from "./node-card";

type Point = { x: number; y: number };

/** What dragging means where there are containers: insides go along, and what is let go on a frame goes into it. */
export function useContainerDrag(setNodes: Dispatch<SetStateAction<CardNode[]>>) {
  const store = useBuilderStore();
  const registry = useRegistry();
  const isDragging = useRef(false);
  return useMemo(() => {
    const hover = (point: Point, moved: ReadonlySet<string> = new Set()) => {
      const { document, boxes, setDropTarget } = store.getState();
      if (boxes.size > 0) setDropTarget(containerAt(point, { document, boxes, except: withInsides(document, moved) }));
    };
    return {
      hover,
      begin: () => {
        isDragging.current = true;
      },
      end: () => {
        isDragging.current = false;
        store.getState().setDropTarget(undefined);
      },
      onDrag: (_: unknown, node: CardNode, all: CardNode[]) =>
        hover({ x: node.position.x + (node.width ?? 0) / 2, y: node.position.y + HEAD_HEIGHT / 2 }, new Set(all.map(({ id }) => id))),
      /** The changes, and those of all that lives in what is moved. */
      followed: (changes: NodeChange<CardNode>[]): NodeChange<CardNode>[] => {
        const { document, boxes } = store.getState();
        if (boxes.size === 0) return changes;
        const places = new Map(
          changes.flatMap((change) =>
            change.type === "position" && change.position !== undefined ? [[change.id, change.position] as const] : [],
          ),
        );
        const along = [...followed(document, boxes, places)].flatMap(([id, position]): NodePositionChange[] => {
          if (places.has(id)) return [];
          const box = boxes.get(id);
          const node = document.nodes.find((candidate) => candidate.id === id);
          // Frames begin elsewhere than the place of the node that they belong to.
          const offset =
            box === undefined || node === undefined ? { x: 0, y: 0 } : { x: box.x - node.position.x, y: box.y - node.position.y };
          return [{ id, type: "position", position: { x: position.x + offset.x, y: position.y + offset.y } }];
        });
        return [...changes, ...along];
      },
      settle: (positions: ReadonlyMap<string, Point>) => {
        const drop = store.getState().move(positions, isDragging.current);
        tellDrop(drop, () => store.getState().undo());
        if (drop.refusal === undefined) return;
        const { document, selectedNodes: selected, boxes } = store.getState();
        setNodes((before) => flowNodesOf(before, document.nodes, { selected, registry, boxes }));
      },
    };
  }, [store, registry, setNodes]);
}

/** Says what a move into or out of a container brought with it. */
export function tellDrop({ refusal, lostEdges }: Drop, undo: () => void): void {
  if (refusal !== undefined) toast.error(refusal);
  else if (lostEdges > 0)
    toast(`${lostEdges === 1 ? "A connection was" : `${lostEdges} connections were`} removed: none leads across a container's border.`, {
      action: { label: "Undo", onClick: undo },
    });
}
