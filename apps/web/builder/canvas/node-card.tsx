"use client";
import { Handle, type Node, type NodeProps, Position, useStore } from "@xyflow/react";
import { Pin, Wrench } from "lucide-react";
import { memo } from "react";
import { cn } from "@/lib/cn";
import { describeNode, nodeShapeOf } from "../model/node-shape.ts";
import { useBuilder, useRegistry } from "../store/builder-context";
import { ContainerFrame } from "./container-frame";
import { FarCard } from "./far-card";
import { NodeIcon } from "./node-icon";
import { ProblemBadge } from "./problem-badge";
import { RunChip } from "./run-chip";

/** React Flow carries the id and the position; everything else is read from the store, so that an edit draws one card anew. */
export type CardNode = Node<Record<string, never>, "card">;

/** Below this zoom, text and ports can't be made out. */
const isFarAway = (state: { transform: [number, number, number] }): boolean => state.transform[2] < 0.35;

/**
 * A node on the canvas: what it is, what it is set to, where wires go, and how it fares in the run that is shown.
 * Ports are for the mouse; the way without one is "Connect to…".
 */
export const NodeCard = memo(function NodeCard({ id, selected }: NodeProps<CardNode>) {
  const node = useBuilder((state) => state.nodesById.get(id));
  const problems = useBuilder((state) => state.problemsByNode.get(id));
  const run = useBuilder((state) => state.run?.nodes[id]);
  const isLent = useBuilder((state) => state.lentNodes.has(id));
  const isLentOnly = useBuilder((state) => state.lentNodes.get(id) === "only");
  const box = useBuilder((state) => state.boxes.get(id));
  const isFar = useStore(isFarAway);
  const registry = useRegistry();
  if (node === undefined) return null;
  const definition = registry.get(node.type);
  const shape = nodeShapeOf(node, definition, box);
  if (isFar)
    return (
      <FarCard
        node={node}
        shape={shape}
        definition={definition}
        isSelected={selected}
        status={run?.status}
        hasProblem={(problems?.errors ?? 0) > 0}
      />
    );
  const errors = problems?.errors ?? 0;
  if (shape.isContainer)
    return <ContainerFrame node={node} shape={shape} definition={definition} isSelected={selected} run={run} problems={problems} />;

  return (
    <div
      style={{ width: shape.width, height: shape.height }}
      className={cn(
        "relative rounded-lg border bg-surface shadow-sm transition-[border-color,box-shadow] duration-100",
        selected ? "border-accent shadow-[0_0_0_1px_var(--accent),var(--shadow-md)]" : "border-line-strong hover:border-control",
        isLentOnly && "is-lent",
        !selected && errors > 0 && "border-bad-line",
        run?.status === "running" && "border-accent shadow-[0_0_0_3px_var(--accent-soft)]",
        run?.status === "failed" && "border-bad shadow-[0_0_0_3px_var(--bad-soft)]",
        (node.isDisabled === true || run?.status === "skipped") && "opacity-55",
      )}
    >
      {run !== undefined && run.status !== "skipped" && <RunChip run={run} className="absolute bottom-full left-0 mb-1" />}
      <div className="flex h-14 items-center gap-2.5 pl-3 pr-3">
        <NodeIcon icon={definition?.icon} category={definition?.category} />
        <div className="min-w-0 flex-1">
          <div className="flex items-center gap-1.5">
            <span className="truncate text-sm font-semibold leading-[18px] tracking-[-0.005em] text-fg">{node.name}</span>
            {isLent && <Wrench className="size-3 shrink-0 text-subtle" aria-label="Lent to another node" />}
            {node.pinnedOutput !== undefined && <Pin className="size-3 shrink-0 text-warn" aria-label="Output is pinned" />}
          </div>
          <div className="truncate text-xs leading-4 text-muted">
            {describeNode(node, definition) || <span className="text-subtle">{definition?.name}</span>}
          </div>
        </div>
      </div>

      <ProblemBadge problems={problems} />

      {shape.inputs.map((port, index) => (
        <Handle
          key={port.name}
          id={`in:${port.name}`}
          type="target"
          position={Position.Left}
          style={{ top: 28 + index * 20 }}
          title={port.label ?? "Input"}
          aria-hidden
          className="heddle-port heddle-port-flow"
        />
      ))}
      {shape.isLendable && (
        <Handle
          id="lend"
          type="source"
          position={Position.Top}
          style={{ left: shape.width / 2 }}
          title="Lend to another node"
          aria-hidden
          className="heddle-port heddle-port-lend"
        />
      )}

      {shape.hasPortRows ? (
        <div className="border-t border-line py-1">
          {shape.outputs.map((port) => (
            <div key={port.name} className="relative flex h-6 items-center justify-end pr-3 text-xs text-muted">
              <span className={cn("truncate", port.name === "error" && "text-bad")}>
                {port.label ?? (port.name === "out" ? "Next" : port.name)}
              </span>
              <Handle
                id={`out:${port.name}`}
                type="source"
                position={Position.Right}
                style={{ top: 12 }}
                title={port.label ?? port.name}
                aria-hidden
                className={cn("heddle-port heddle-port-flow", port.name === "error" && "heddle-port-error")}
              />
            </div>
          ))}
        </div>
      ) : (
        shape.outputs.map((port) => (
          <Handle
            key={port.name}
            id={`out:${port.name}`}
            type="source"
            position={Position.Right}
            style={{ top: 28 }}
            title={port.label ?? "Output"}
            aria-hidden
            className="heddle-port heddle-port-flow"
          />
        ))
      )}

      {shape.slots.length > 0 && (
        <div className="absolute inset-x-0 bottom-0 flex h-7 items-center border-t border-dashed border-line-strong">
          {shape.slots.map((slot) => (
            <div key={slot.name} className="relative flex h-full flex-1 items-center justify-center text-2xs text-subtle">
              {slot.label}
              <Handle
                id={`slot:${slot.name}`}
                type="target"
                position={Position.Bottom}
                title={slot.label}
                aria-hidden
                className="heddle-port heddle-port-slot"
              />
            </div>
          ))}
        </div>
      )}
    </div>
  );
});
