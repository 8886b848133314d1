import { CodeBlock } from "@/components/ui/code-block";
import { formatCount, formatDuration } from "@/lib/format";
import { jsonText } from "../model/json-text.ts";
import type { RunStep } from "../model/run-state.ts";

/** What one step did: text as it came, output, error, and the figures. */
export function StepDetails({ step }: { step: RunStep }) {
  const facts = [
    step.durationMs === undefined ? undefined : formatDuration(step.durationMs),
    step.tokens > 0 ? `${formatCount(step.tokens)} tokens` : undefined,
    step.attempts > 1 ? `${step.attempts} tries` : undefined,
    step.ports.length > 0 && !(step.ports.length === 1 && step.ports[0] === "out") ? `left by ${step.ports.join(", ")}` : undefined,
  ].filter((fact) => fact !== undefined);
  return (
    <div className="flex min-w-0 flex-col gap-2">
      <p className="tabular flex flex-wrap gap-x-2 text-2xs text-muted">
        <span className="font-mono">{step.key}</span>
        {facts.map((fact) => (
          <span key={fact}>{fact}</span>
        ))}
      </p>
      {step.error !== undefined && (
        <div className="rounded-md border border-bad-line bg-bad-soft px-2.5 py-2 text-xs">
          <p className="break-words text-fg">{step.error.message}</p>
          {step.error.hint !== undefined && <p className="text-muted">{step.error.hint}</p>}
          <p className="mt-0.5 font-mono text-2xs text-subtle">{step.error.code}</p>
        </div>
      )}
      {step.output === undefined && step.text !== "" && <p className="whitespace-pre-wrap break-words text-sm">{step.text}</p>}
      {step.output !== undefined && (
        <CodeBlock code={typeof step.output === "string" ? step.output : jsonText(step.output)} label="Output" />
      )}
    </div>
  );
}
