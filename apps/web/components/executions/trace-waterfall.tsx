"use client";
import type { TraceStep } from "@heddle/schema";
import { useMemo, useState } from "react";
import { Badge } from "@/components/ui/badge";
import { CodeBlock } from "@/components/ui/code-block";
import { ValueFile } from "./value-file";
import { cn } from "@/lib/cn";
import { formatCount, formatDuration } from "@/lib/format";
import { waterfall, type WaterfallBar } from "@/lib/waterfall";

/** The steps of a run as bars over time; one opens to what came out of it. */
export function TraceWaterfall({ steps }: { steps: readonly TraceStep[] }) {
  const bars = useMemo(() => waterfall(steps), [steps]);
  const [openKey, setOpenKey] = useState<string>();
  return (
    <ol className="divide-y divide-line" aria-label="Steps">
      {bars.map((bar) => (
        <TraceRow
          key={bar.step.key}
          bar={bar}
          isOpen={bar.step.key === openKey}
          onToggle={() => setOpenKey(bar.step.key === openKey ? undefined : bar.step.key)}
        />
      ))}
    </ol>
  );
}

function TraceRow({ bar, isOpen, onToggle }: { bar: WaterfallBar; isOpen: boolean; onToggle: () => void }) {
  const { step, start, width, depth } = bar;
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
          <span className={cn("truncate text-sm", depth === 0 && "font-medium")}>{part === "" ? step.nodeName : part}</span>
          <span className="hidden shrink-0 text-2xs text-subtle lg:inline">{part === "" && step.nodeType}</span>
        </span>
        <span className="relative hidden h-2 rounded-full bg-sunken sm:block" aria-hidden>
          <span
            className={cn("absolute inset-y-0 rounded-full", hasFailed ? "bg-bad" : depth > 0 ? "bg-accent/55" : "bg-accent")}
            style={{ left: `${Math.min(start * 100, 99.4)}%`, width: `max(3px, ${width * 100}%)` }}
          />
        </span>
        <span className={cn("tabular text-right text-xs", hasFailed ? "text-bad" : "text-muted")}>
          {hasFailed ? "Failed" : formatDuration(step.duration)}
        </span>
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
