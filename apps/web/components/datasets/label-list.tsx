"use client";
import type { DatasetResource } from "@heddle/schema";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { SectionCard } from "@/components/ui/card";
import { formatCount } from "@/lib/format";

const FIRST = 12;

/** The labels with a bar for how many examples each has; few examples are what most often makes a label go wrong. */
export function LabelList({ labels }: { labels: DatasetResource["labels"] }) {
  const [isWhole, setIsWhole] = useState(false);
  const most = Math.max(1, ...labels.map(({ count }) => count));
  const shown = isWhole ? labels : labels.slice(0, FIRST);
  return (
    <SectionCard title="Labels" description={`${formatCount(labels.length)} in all. A label learns best from ten examples or more.`}>
      <ul className="flex flex-col gap-1.5">
        {shown.map(({ label, count }) => (
          <li key={label} className="grid grid-cols-[minmax(0,14rem)_1fr_3rem] items-center gap-3 text-sm">
            <span className="truncate" title={label}>
              {label}
            </span>
            <span className="h-1.5 rounded-full bg-active" aria-hidden>
              <span className="block h-full rounded-full bg-accent" style={{ width: `${(count / most) * 100}%` }} />
            </span>
            <span className="tabular text-right text-xs text-muted">{formatCount(count)}</span>
          </li>
        ))}
      </ul>
      {labels.length > FIRST && (
        <Button variant="ghost" size="sm" className="mt-3" onClick={() => setIsWhole(!isWhole)} aria-expanded={isWhole}>
          {isWhole ? "Show fewer" : `Show all ${labels.length}`}
        </Button>
      )}
    </SectionCard>
  );
}
