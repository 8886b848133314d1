import type { TraceStep } from "@heddle/schema";

/** A step as a bar, its share of the run's time, with what lies inside it. */
export interface WaterfallBar {
  step: TraceStep;
  /** 0…1 of the run's time */
  start: number;
  /** 0…1 of the run's time */
  width: number;
  /** What the step did inside itself (`answer#/call:0`), by time. */
  parts: WaterfallBar[];
  /** Rounds of a loop or map, or items of a node that runs per item, by number. */
  rounds: WaterfallRound[];
}

/** One time round: the steps that belong to it, by time. */
export interface WaterfallRound {
  /** From 0. */
  index: number;
  bars: WaterfallBar[];
  start: number;
  width: number;
  /** ms from its first step's beginning to its last step's end */
  duration: number;
  hasFailed: boolean;
}

export interface Waterfall {
  bars: WaterfallBar[];
  /** Rounds of containers that have not ended, and so have no step yet. */
  open: WaterfallRound[];
}

/**
 * Lays the steps of a run out by time, in one pass over them: parts below the step that they belong to, and rounds inside
 * their container. A key says the round (`send#3.0`: the first of an inner loop in the fourth of an outer) and not the
 * container; that is the one of the round around it that was at work then.
 */
export function waterfall(steps: readonly TraceStep[]): Waterfall {
  const span = steps.reduce((longest, { offset, duration }) => Math.max(longest, offset + duration), 0.001);
  const barOf = (step: TraceStep): WaterfallBar => ({
    step,
    start: step.offset / span,
    width: step.duration / span,
    parts: [],
    rounds: [],
  });
  const own = new Map<string, WaterfallBar>();
  const parts: TraceStep[] = [];
  for (const step of steps) {
    if (step.key.includes("/")) parts.push(step);
    else own.set(step.key, barOf(step));
  }
  const roots: WaterfallBar[] = [];
  for (const part of parts) {
    const owner = own.get(part.key.slice(0, part.key.indexOf("/")));
    if (owner === undefined) roots.push(barOf(part));
    else owner.parts.push(barOf(part));
  }
  const containers = Map.groupBy(
    [...own.values()].filter(({ step }) => step.nodeType === "loop" || step.nodeType === "map"),
    ({ step }) => pathOf(step.key),
  );
  const inside = new Map<WaterfallBar | undefined, Map<number, WaterfallBar[]>>();
  for (const bar of own.values()) {
    const path = pathOf(bar.step.key);
    if (path === "") {
      roots.push(bar);
      continue;
    }
    const dot = path.lastIndexOf(".");
    const around = dot === -1 ? "" : path.slice(0, dot);
    const container = own.get(`${bar.step.nodeId}#${around}`) ?? containerOf(bar, containers.get(around) ?? []);
    const rounds = inside.get(container) ?? new Map<number, WaterfallBar[]>();
    inside.set(container, rounds);
    const index = Number(path.slice(dot + 1));
    const round = rounds.get(index);
    if (round === undefined) rounds.set(index, [bar]);
    else round.push(bar);
  }
  for (const [container, rounds] of inside) if (container !== undefined) container.rounds = roundsOf(rounds);
  for (const bar of own.values()) bar.parts.sort(byTime);
  return { bars: roots.toSorted(byTime), open: roundsOf(inside.get(undefined) ?? new Map()) };
}

/** `3.0` of `send#3.0~2`. */
function pathOf(key: string): string {
  const path = key.slice(key.indexOf("#") + 1);
  const generation = path.indexOf("~");
  return generation === -1 ? path : path.slice(0, generation);
}

/** Of several, the one that was at work, and of those the one that began last. */
function containerOf({ step }: WaterfallBar, candidates: readonly WaterfallBar[]): WaterfallBar | undefined {
  if (candidates.length === 1) return candidates[0];
  return candidates
    .filter(({ step: { offset, duration } }) => offset <= step.offset && step.offset <= offset + duration)
    .toSorted((a, b) => b.step.offset - a.step.offset)[0];
}

function roundsOf(rounds: ReadonlyMap<number, WaterfallBar[]>): WaterfallRound[] {
  return [...rounds]
    .toSorted(([a], [b]) => a - b)
    .map(([index, bars]) => {
      bars.sort(byTime);
      const start = Math.min(...bars.map((bar) => bar.start));
      const end = bars.reduce((latest, bar) => Math.max(latest, bar.start + bar.width), 0);
      const begin = Math.min(...bars.map(({ step }) => step.offset));
      const duration = bars.reduce((latest, { step }) => Math.max(latest, step.offset + step.duration), 0) - begin;
      return { index, bars, start, width: end - start, duration, hasFailed: bars.some(({ step }) => step.status === "failed") };
    });
}

function byTime(a: WaterfallBar, b: WaterfallBar): number {
  return a.start - b.start;
}
