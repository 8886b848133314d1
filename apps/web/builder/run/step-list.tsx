"use client";
import { ChevronRight } from "lucide-react";
import Link from "next/link";
import { Collapsible } from "radix-ui";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { cn } from "@/lib/cn";
import { formatCount, formatDuration } from "@/lib/format";
import { isUnderWay, type RunState, type RunStep } from "../model/run-state.ts";
import { useBuilder, useBuilderStore, useRegistry } from "../store/builder-context";
import { NodeIcon } from "../canvas/node-icon";
import { StepDetails } from "./step-details";

const tones: Record<RunStep["status"], string> = {
  running: "bg-accent animate-shimmer",
  retrying: "bg-warn animate-shimmer",
  completed: "bg-ok",
  failed: "bg-bad",
  skipped: "bg-control",
  waiting: "bg-warn",
};

/** A loop of ten thousand rounds must not make a list of ten thousand lines. */
const STEPS_AT_A_TIME = 100;

/** The trace of a run, folded: its figures, then step by step. */
export function StepList({ run, isOpenAtFirst = false }: { run: RunState; isOpenAtFirst?: boolean }) {
  const [limit, setLimit] = useState(STEPS_AT_A_TIME);
  const facts = [
    run.status === "waiting"
      ? "Waiting"
      : isUnderWay(run)
        ? "Running"
        : run.status === "completed"
          ? "Done"
          : run.status === "cancelled"
            ? "Stopped"
            : "Failed",
    `${formatCount(run.steps.length)} ${run.steps.length === 1 ? "step" : "steps"}`,
    run.durationMs === undefined ? undefined : formatDuration(run.durationMs),
    run.tokens > 0 ? `${formatCount(run.tokens)} tokens` : undefined,
  ].filter((fact) => fact !== undefined);
  return (
    <Collapsible.Root defaultOpen={isOpenAtFirst} className="min-w-0">
      <div className="flex items-center">
        <Collapsible.Trigger className="group tabular -ml-1 flex h-6 items-center gap-1 rounded-sm px-1 text-xs text-muted hover:text-fg">
          <ChevronRight className="size-3.5 transition-transform duration-100 group-data-[state=open]:rotate-90" aria-hidden />
          {facts.join(" · ")}
        </Collapsible.Trigger>
        {run.executionId !== undefined && !isUnderWay(run) && (
          <Link
            href={`/executions/view?id=${run.executionId}`}
            className="ml-auto rounded-sm text-xs text-muted hover:text-fg hover:underline"
          >
            Open trace
          </Link>
        )}
      </div>
      <Collapsible.Content className="mt-1 overflow-hidden rounded-md border border-line">
        {run.steps.slice(0, limit).map((step) => (
          <StepRow key={step.key} step={step} />
        ))}
        {run.steps.length > limit && (
          <Button variant="ghost" size="sm" className="w-full rounded-none" onClick={() => setLimit(limit + 4 * STEPS_AT_A_TIME)}>
            Show more: {formatCount(run.steps.length - limit)} are not shown
          </Button>
        )}
      </Collapsible.Content>
    </Collapsible.Root>
  );
}

function StepRow({ step }: { step: RunStep }) {
  const store = useBuilderStore();
  const registry = useRegistry();
  const node = useBuilder((state) => state.nodesById.get(step.nodeId));
  const definition = node === undefined ? undefined : registry.get(node.type);
  const isInner = step.key.includes("/");
  return (
    <Collapsible.Root className="border-b border-line last:border-0">
      <Collapsible.Trigger
        onClick={() => store.getState().reveal(step.nodeId)}
        className={cn(
          "flex h-9 w-full items-center gap-2 bg-surface pr-2.5 text-left text-xs hover:bg-hover focus-visible:-outline-offset-2",
          isInner ? "pl-7" : "pl-2",
        )}
      >
        {isInner ? (
          <span className="truncate font-mono text-muted">{step.key.slice(step.key.indexOf("/") + 1)}</span>
        ) : (
          <>
            <NodeIcon icon={definition?.icon} category={definition?.category} className="size-5 rounded-sm [&_svg]:size-3" />
            <span className="truncate font-medium">{node?.name ?? step.nodeId}</span>
            <RoundNumber stepKey={step.key} />
          </>
        )}
        <span className="tabular ml-auto shrink-0 text-muted">
          {step.tokens > 0 && !isInner ? `${formatCount(step.tokens)} tokens · ` : ""}
          {step.durationMs === undefined ? "" : formatDuration(step.durationMs)}
        </span>
        <span className={cn("size-1.5 shrink-0 rounded-full", tones[step.status])} aria-hidden />
        <span className="sr-only">{step.status}</span>
      </Collapsible.Trigger>
      <Collapsible.Content className="border-t border-line bg-sunken p-2.5">
        <StepDetails step={step} />
      </Collapsible.Content>
    </Collapsible.Root>
  );
}

/** Which round a step belongs to, from 1: `2.1` in the first of an inner loop in the second of an outer. */
function RoundNumber({ stepKey }: { stepKey: string }) {
  const path = /#([\d.]+)/.exec(stepKey)?.[1];
  if (path === undefined) return null;
  const numbers = path.split(".").map((index) => formatCount(Number(index) + 1));
  return (
    <span className="tabular shrink-0 text-2xs text-subtle">
      <span className="sr-only">Round </span>
      {numbers.join(".")}
    </span>
  );
}
