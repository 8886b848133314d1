"use client";
import type { NodeDefinition } from "@heddle/node-kit";
import type { AgentNode } from "@heddle/schema";
import { Handle, Position } from "@xyflow/react";
import { Plus } from "lucide-react";
import { cn } from "@/lib/cn";
import { outputHeight } from "../model/flow-elements.ts";
import { describeNode, HEAD_HEIGHT, type NodeShape } from "../model/node-shape.ts";
import type { NodeRun } from "../model/run-state.ts";
import { useBuilder } from "../store/builder-context";
import { useQuickAddStore } from "../store/quick-add-store";
import { NodeIcon } from "./node-icon";
import { ProblemBadge } from "./problem-badge";
import { RunChip } from "./run-chip";

export interface ContainerFrameProps {
  node: AgentNode;
  shape: NodeShape;
  definition: NodeDefinition | undefined;
  isSelected: boolean;
  run: NodeRun | undefined;
  problems: { errors: number; warnings: number } | undefined;
}

/** A node that holds others: a frame around them, with what a card says in its head. */
export function ContainerFrame({ node, shape, definition, isSelected, run, problems }: ContainerFrameProps) {
  const isEmpty = useBuilder((state) => !state.document.nodes.some((candidate) => candidate.parent === node.id));
  const isTarget = useBuilder((state) => state.dropTarget === node.id);
  const canEdit = useBuilder((state) => state.canEdit);
  const openQuickAdd = useQuickAddStore((state) => state.open);
  const share = run?.progress?.total === undefined || run.progress.total === 0 ? undefined : run.progress.done / run.progress.total;
  return (
    <div
      style={{ width: shape.width, height: shape.height }}
      className={cn(
        "relative rounded-xl border bg-sunken/70 transition-[border-color,box-shadow,background-color] duration-100",
        isSelected ? "border-accent shadow-[0_0_0_1px_var(--accent)]" : "border-line-strong hover:border-control",
        !isSelected && (problems?.errors ?? 0) > 0 && "border-bad-line",
        run?.status === "running" && "border-accent shadow-[0_0_0_3px_var(--accent-soft)]",
        run?.status === "failed" && "border-bad shadow-[0_0_0_3px_var(--bad-soft)]",
        isTarget && "border-accent bg-accent-soft shadow-[0_0_0_3px_var(--accent-soft)]",
        (node.isDisabled === true || run?.status === "skipped") && "opacity-55",
      )}
    >
      {run !== undefined && run.status !== "skipped" && <RunChip run={run} className="absolute bottom-full left-0 mb-1" />}
      <div
        data-head
        style={{ height: HEAD_HEIGHT }}
        className="relative flex items-center gap-2.5 overflow-hidden rounded-t-[11px] border-b border-line bg-surface pl-3 pr-3"
      >
        <NodeIcon icon={definition?.icon} category={definition?.category} />
        <div className="min-w-0 flex-1">
          <div className="truncate text-sm font-semibold leading-[18px] tracking-[-0.005em] text-fg">{node.name}</div>
          <div className="truncate text-xs leading-4 text-muted">
            {describeNode(node, definition) || <span className="text-subtle">{definition?.name}</span>}
          </div>
        </div>
        {canEdit && !isEmpty && (
          <button
            type="button"
            aria-label={`Add a node inside ${node.name}`}
            title="Add a node inside"
            onClick={(event) => openQuickAdd(node.id, event.currentTarget)}
            className="nodrag nopan flex size-7 shrink-0 items-center justify-center rounded-md text-subtle hover:bg-hover hover:text-fg"
          >
            <Plus className="size-4" aria-hidden />
          </button>
        )}
        {shape.outputs.length > 1 && (
          <div className="flex shrink-0 flex-col text-right text-2xs leading-6 text-muted">
            {shape.outputs.map((port) => (
              <span key={port.name} className={cn(port.name === "error" && "text-bad")}>
                {port.label ?? (port.name === "out" ? "Next" : port.name)}
              </span>
            ))}
          </div>
        )}
        {share !== undefined && run?.status === "running" && (
          <span
            aria-hidden
            className="absolute bottom-0 left-0 h-0.5 bg-accent transition-[width] duration-200"
            style={{ width: `${share * 100}%` }}
          />
        )}
      </div>
      {isEmpty && (
        <div className="absolute inset-x-5 bottom-5 top-[76px] flex items-center justify-center rounded-lg border border-dashed border-line-strong">
          {canEdit ? (
            <div className="flex flex-col items-center gap-0.5 text-xs text-muted">
              Drop nodes here
              <button
                type="button"
                onClick={(event) => openQuickAdd(node.id, event.currentTarget)}
                className="nodrag nopan flex h-7 items-center gap-1.5 rounded-md px-2 font-medium text-accent-text hover:bg-hover"
              >
                <Plus className="size-3.5" aria-hidden />
                Add a node
                <span className="sr-only"> inside {node.name}</span>
              </button>
            </div>
          ) : (
            <span className="text-xs text-muted">Nothing inside yet</span>
          )}
        </div>
      )}
      <ProblemBadge problems={problems} />
      {shape.inputs.map((port, index) => (
        <Handle
          key={port.name}
          id={`in:${port.name}`}
          type="target"
          position={Position.Left}
          style={{ top: HEAD_HEIGHT / 2 + index * 20 }}
          title={port.label ?? "Input"}
          aria-hidden
          className="heddle-port heddle-port-flow"
        />
      ))}
      {shape.outputs.map((port, index) => (
        <Handle
          key={port.name}
          id={`out:${port.name}`}
          type="source"
          position={Position.Right}
          style={{ top: outputHeight(shape, index) - 1 }}
          title={port.label ?? "After the last round"}
          aria-hidden
          className={cn("heddle-port heddle-port-flow", port.name === "error" && "heddle-port-error")}
        />
      ))}
    </div>
  );
}
