import type { NodeDefinition } from "@heddle/node-kit";
import type { AgentNode } from "@heddle/schema";
import { Handle, Position } from "@xyflow/react";
import { cn } from "@/lib/cn";
import { handlesOf } from "../model/flow-elements.ts";
import type { NodeShape } from "../model/node-shape.ts";
import type { NodeRun } from "../model/run-state.ts";
import { NodeIcon } from "./node-icon";

export interface FarCardProps {
  node: AgentNode;
  shape: NodeShape;
  definition: NodeDefinition | undefined;
  isSelected: boolean;
  status: NodeRun["status"] | undefined;
  hasProblem: boolean;
}

/**
 * A card seen from far away: icon, name and state, larger than life, so that a whole large graph can be
 * panned smoothly.
 */
export function FarCard({ node, shape, definition, isSelected, status, hasProblem }: FarCardProps) {
  return (
    <div
      style={{ width: shape.width, height: shape.height }}
      className={cn(
        "flex items-center gap-3 rounded-lg border-2 border-line-strong bg-surface px-3",
        hasProblem && "border-bad",
        status === "completed" && "border-ok",
        (status === "running" || status === "retrying" || isSelected) && "border-accent",
        status === "failed" && "border-bad bg-bad-soft",
        (node.isDisabled === true || status === "skipped") && "opacity-55",
      )}
    >
      {/* Wires end at ports, so these stay, unseen. */}
      {handlesOf(shape).map((handle) => (
        <Handle
          key={handle.id}
          id={handle.id ?? null}
          type={handle.type}
          position={handle.position}
          isConnectable={false}
          aria-hidden
          className="opacity-0!"
          style={handle.position === Position.Left || handle.position === Position.Right ? { top: handle.y + 5 } : { left: handle.x + 5 }}
        />
      ))}
      <NodeIcon icon={definition?.icon} category={definition?.category} className="size-9 [&_svg]:size-6" />
      <span className="truncate text-xl font-semibold">{node.name}</span>
    </div>
  );
}
