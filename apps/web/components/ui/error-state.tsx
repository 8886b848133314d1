"use client";
import { CircleAlert } from "lucide-react";
import { cn } from "@/lib/cn";
import { toProblem } from "@/lib/problem";
import { Button } from "./button";

export interface ErrorStateProps {
  error: unknown;
  onRetry?: (() => unknown) | undefined;
  className?: string;
}

/** An error in the place of what could not be loaded: what happened, how to mend it, its code, and a way to try again. */
export function ErrorState({ error, onRetry, className }: ErrorStateProps) {
  const problem = toProblem(error);
  return (
    <div role="alert" className={cn("flex flex-col items-center px-6 py-14 text-center", className)}>
      <div className="mb-4 flex size-10 items-center justify-center rounded-lg border border-bad-line bg-bad-soft text-bad" aria-hidden>
        <CircleAlert className="size-5" />
      </div>
      <h2 className="text-base font-semibold tracking-tight">{problem.title}</h2>
      <p className="mt-1 max-w-md text-sm text-muted">{problem.detail}</p>
      {problem.hint !== undefined && <p className="mt-1 max-w-md text-sm text-fg">{problem.hint}</p>}
      {onRetry !== undefined && (
        <Button className="mt-4" onClick={() => void onRetry()}>
          Try again
        </Button>
      )}
      <p className="mt-3 font-mono text-2xs text-subtle">{problem.code}</p>
    </div>
  );
}

/** The same inside a form or panel: one compact box. Renders nothing without an error. */
export function ErrorNote({ error, className }: { error: unknown; className?: string }) {
  if (error === null || error === undefined) return null;
  const problem = toProblem(error);
  return (
    <div role="alert" className={cn("flex gap-2 rounded-md border border-bad-line bg-bad-soft px-3 py-2 text-sm", className)}>
      <CircleAlert className="mt-0.5 size-4 shrink-0 text-bad" aria-hidden />
      <div className="min-w-0">
        <p className="text-fg">{problem.detail}</p>
        {problem.hint !== undefined && <p className="text-muted">{problem.hint}</p>}
        {(problem.problems?.length ?? 0) > 0 && (
          <ul className="mt-1 list-disc pl-4 text-muted">
            {problem.problems?.slice(0, 8).map((item, index) => (
              <li key={index}>{item.message}</li>
            ))}
          </ul>
        )}
        <p className="mt-0.5 font-mono text-2xs text-subtle">{problem.code}</p>
      </div>
    </div>
  );
}
