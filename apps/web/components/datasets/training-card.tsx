"use client";
import type { DatasetResource } from "@heddle/schema";
import { ErrorNote } from "@/components/ui/error-state";
import { Button } from "@/components/ui/button";
import { SectionCard } from "@/components/ui/card";
import { Progress } from "@/components/ui/progress";
import { StatusBadge } from "@/components/ui/status-badge";
import { formatShare } from "@/lib/format";

/** How far learning has come and how good it is, with what is confused most. */
export function TrainingCard({
  dataset,
  onRetrain,
  isRetraining,
}: {
  dataset: DatasetResource;
  onRetrain?: () => void;
  isRetraining: boolean;
}) {
  const { training } = dataset;
  const isBusy = training.status === "queued" || training.status === "training";
  return (
    <SectionCard
      title="What it has learned"
      description="The built-in model learns from these examples, and is then tested on the ones it was not shown."
      actions={
        <span className="flex items-center gap-2">
          <StatusBadge status={training.status} />
          {onRetrain !== undefined && !isBusy && (
            <Button size="sm" onClick={onRetrain} isBusy={isRetraining}>
              {training.status === "ready" ? "Train again" : "Train"}
            </Button>
          )}
        </span>
      }
    >
      {isBusy && (
        <div aria-live="polite">
          <Progress value={training.progress} label="Share of the training that is done" />
          <p className="mt-2 text-xs text-muted">{training.stage ?? "Waiting for its turn"}</p>
        </div>
      )}
      {training.error !== null && (
        <ErrorNote
          error={{ ...training.error, detail: training.error.message, status: 500, title: "Training failed", type: "about:blank" }}
        />
      )}
      {training.status === "none" && (
        <p className="text-sm text-muted">Nothing yet. To learn, it needs two labels with two examples each.</p>
      )}
      {training.status === "ready" && training.accuracy !== null && (
        <div className="grid gap-6 sm:grid-cols-[auto_1fr]">
          <div>
            <p className="tabular text-[34px] leading-10 font-semibold tracking-tight">{formatShare(training.accuracy)}</p>
            <p className="mt-1 max-w-44 text-xs text-muted">of its own examples are labelled correctly without having been shown</p>
          </div>
          {training.confusions.length > 0 && (
            <div className="min-w-0">
              <h3 className="text-xs font-medium text-muted">Confused most often</h3>
              <ul className="mt-1.5 divide-y divide-line text-sm">
                {training.confusions.slice(0, 6).map(({ label, confusedWith, count }) => (
                  <li key={`${label} ${confusedWith}`} className="flex items-baseline justify-between gap-3 py-1">
                    <span className="min-w-0 truncate">
                      {label} <span className="text-muted">taken for</span> {confusedWith}
                    </span>
                    <span className="tabular shrink-0 text-xs text-muted">{count} ×</span>
                  </li>
                ))}
              </ul>
            </div>
          )}
        </div>
      )}
    </SectionCard>
  );
}
