"use client";
import type { TraceStep } from "@heddle/schema";
import { ChevronRight } from "lucide-react";
import { type ReactNode, useMemo, useState } from "react";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { CodeBlock } from "@/components/ui/code-block";
import { cn } from "@/lib/cn";
import { formatCount, formatDuration } from "@/lib/format";
import { LINES_AT_A_TIME, type TraceLine, traceLines, type TraceView } from "@/lib/trace-lines";
import { waterfall } from "@/lib/waterfall";
import { ValueFile } from "./value-file";

/** The steps of a run as bars over time; one opens to what came out of it. Rounds are folded into their container. */
export function TraceWaterfall({ steps }: { steps: readonly TraceStep[] }) {
  const trace = useMemo(() => waterfall(steps), [steps]);
  const [view, setView] = useState<TraceView>({ open: new Map(), limits: new Map(), onlyFailed: new Set() });
  const lines = useMemo(() => traceLines(trace, view), [trace, view]);
  const [openKey, setOpenKey] = useState<string>();
  const toggle = (key: string, isOpen: boolean) => setView({ ...view, open: new Map(view.open).set(key, !isOpen) });
  const showMore = (key: string, shown: number) => setView({ ...view, limits: new Map(view.limits).set(key, shown + 4 * LINES_AT_A_TIME) });
  const toggleFailed = (key: string) => {
    const onlyFailed = new Set(view.onlyFailed);
    if (!onlyFailed.delete(key)) onlyFailed.add(key);
    setView({ ...view, onlyFailed });
  };
  return (
    <ol className="divide-y divide-line" aria-label="Steps">
      {lines.map((line) => {
        switch (line.kind) {
          case "step":
            return (
              <TraceRow
                key={line.key}
                line={line}
                isOpen={line.key === openKey}
                onToggle={() => setOpenKey(line.key === openKey ? undefined : line.key)}
              />
            );
          case "rounds":
            return (
              <li key={line.key} className="flex items-center gap-3 pr-4" style={indent(line.depth)}>
                <Fold isOpen={line.isOpen} onToggle={() => toggle(line.key, line.isOpen)}>
                  {formatCount(line.count)} {line.count === 1 ? "round" : "rounds"}
                  {line.failed > 0 && <span className="text-bad"> · {formatCount(line.failed)} failed</span>}
                </Fold>
                {line.isOpen && line.failed > 0 && line.count > LINES_AT_A_TIME && (
                  <Button variant="ghost" size="sm" aria-pressed={view.onlyFailed.has(line.key)} onClick={() => toggleFailed(line.key)}>
                    {view.onlyFailed.has(line.key) ? "Show all" : "Only those that failed"}
                  </Button>
                )}
              </li>
            );
          case "round":
            return (
              <li
                key={line.key}
                className="grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 pr-4 sm:grid-cols-[minmax(0,16rem)_1fr_5rem]"
              >
                <span style={indent(line.depth)}>
                  <Fold isOpen={line.isOpen} onToggle={() => toggle(line.key, line.isOpen)}>
                    Round {formatCount(line.round.index + 1)}
                  </Fold>
                </span>
                <Bar start={line.round.start} width={line.round.width} tone={line.round.hasFailed ? "bg-bad" : "bg-control"} />
                <Duration hasFailed={line.round.hasFailed} ms={line.round.duration} />
              </li>
            );
          case "more":
            return (
              <li key={`${line.key} more`} className="px-4 py-1.5" style={indent(line.depth)}>
                <Button variant="ghost" size="sm" onClick={() => showMore(line.key, line.shown)}>
                  Show more: {formatCount(line.total - line.shown)} of {formatCount(line.total)} are not shown
                </Button>
              </li>
            );
        }
      })}
    </ol>
  );
}

const indent = (depth: number) => ({ paddingLeft: 16 + depth * 16 });

function Fold({ isOpen, onToggle, children }: { isOpen: boolean; onToggle: () => void; children: ReactNode }) {
  return (
    <button
      type="button"
      aria-expanded={isOpen}
      onClick={onToggle}
      className="tabular -ml-1 flex h-8 items-center gap-1 rounded-md px-1 text-xs font-medium text-muted hover:text-fg"
    >
      <ChevronRight className={cn("size-3.5 transition-transform duration-100", isOpen && "rotate-90")} aria-hidden />
      <span>{children}</span>
    </button>
  );
}

function Bar({ start, width, tone }: { start: number; width: number; tone: string }) {
  return (
    <span className="relative hidden h-2 rounded-full bg-sunken sm:block" aria-hidden>
      <span
        className={cn("absolute inset-y-0 rounded-full", tone)}
        style={{ left: `${Math.min(start * 100, 99.4)}%`, width: `max(3px, ${width * 100}%)` }}
      />
    </span>
  );
}

function Duration({ hasFailed, ms }: { hasFailed: boolean; ms: number }) {
  return (
    <span className={cn("tabular text-right text-xs", hasFailed ? "text-bad" : "text-muted")}>
      {hasFailed ? "Failed" : formatDuration(ms)}
    </span>
  );
}

function TraceRow({ line, isOpen, onToggle }: { line: TraceLine & { kind: "step" }; isOpen: boolean; onToggle: () => void }) {
  const { bar, depth, round } = line;
  const { step } = bar;
  const hasFailed = step.status === "failed";
  const part = step.key.split("/").slice(1).join(" / ");
  return (
    <li>
      <button
        type="button"
        aria-expanded={isOpen}
        onClick={onToggle}
        className="grid w-full grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 px-4 py-2 text-left hover:bg-hover sm:grid-cols-[minmax(0,16rem)_1fr_5rem]"
      >
        <span className="flex min-w-0 items-baseline gap-2" style={{ paddingLeft: depth * 16 }}>
          {round !== undefined && <span className="tabular shrink-0 text-2xs text-subtle">{formatCount(round)}</span>}
          <span className={cn("truncate text-sm", depth === 0 && "font-medium")}>{part === "" ? step.nodeName : part}</span>
          <span className="hidden shrink-0 text-2xs text-subtle lg:inline">{part === "" && step.nodeType}</span>
        </span>
        <Bar start={bar.start} width={bar.width} tone={hasFailed ? "bg-bad" : depth > 0 ? "bg-accent/55" : "bg-accent"} />
        <Duration hasFailed={hasFailed} ms={step.duration} />
      </button>
      {isOpen && <StepDetail step={step} />}
    </li>
  );
}

function StepDetail({ step }: { step: TraceStep }) {
  return (
    <div className="flex flex-col gap-3 bg-sunken px-4 py-3">
      <p className="flex flex-wrap gap-1.5">
        <Badge>{step.nodeType}</Badge>
        <Badge className="tabular">{formatDuration(step.duration)}</Badge>
        {step.tokensUsed > 0 && <Badge className="tabular">{formatCount(step.tokensUsed)} tokens</Badge>}
        {step.attempts > 1 && <Badge tone="warn">{step.attempts} tries</Badge>}
        {step.ports.length > 0 && <Badge>left by {step.ports.join(", ")}</Badge>}
      </p>
      {step.error !== null && (
        <div className="text-sm">
          <p className="text-bad">{step.error.message}</p>
          {step.error.hint !== undefined && <p className="text-muted">{step.error.hint}</p>}
          <p className="font-mono text-2xs text-subtle">{step.error.code}</p>
        </div>
      )}
      {step.outputFile !== undefined && <ValueFile file={step.outputFile} label={`Output of ${step.nodeName}`} />}
      {step.output !== null && <CodeBlock code={JSON.stringify(step.output, null, 2)} label={`Output of ${step.nodeName}`} />}
    </div>
  );
}
