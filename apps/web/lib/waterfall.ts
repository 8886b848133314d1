import type { TraceStep } from "@heddle/schema";

/** A step as a bar: its share of the run's time, and how deep it lies inside other steps. */
export interface WaterfallBar {
  step: TraceStep;
  /** 0…1 of the run's time */
  start: number;
  /** 0…1 of the run's time */
  width: number;
  depth: number;
}

/** Lays the steps of a run out by time. A step's own parts (`answer#/call:0`) lie one deeper, below it. */
export function waterfall(steps: readonly TraceStep[]): WaterfallBar[] {
  if (steps.length === 0) return [];
  const span = Math.max(...steps.map(({ offset, duration }) => offset + duration), 0.001);
  return steps
    .map((step) => ({
      step,
      start: step.offset / span,
      width: step.duration / span,
      depth: step.key.split("/").length - 1,
    }))
    .toSorted((a, b) => ownerOrder(a, b, steps) || a.start - b.start || a.depth - b.depth);
}

/** Parts follow the step that they belong to, whatever their time says. */
function ownerOrder(a: WaterfallBar, b: WaterfallBar, steps: readonly TraceStep[]): number {
  const ownerOf = (bar: WaterfallBar) => bar.step.key.split("/")[0] ?? bar.step.key;
  const [ownerA, ownerB] = [ownerOf(a), ownerOf(b)];
  if (ownerA === ownerB) return a.depth - b.depth;
  const beginOf = (key: string) => steps.find((step) => step.key === key)?.offset ?? 0;
  return beginOf(ownerA) - beginOf(ownerB) || steps.findIndex(({ key }) => key === ownerA) - steps.findIndex(({ key }) => key === ownerB);
}
