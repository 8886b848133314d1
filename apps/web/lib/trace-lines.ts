import type { Waterfall, WaterfallBar, WaterfallRound } from "./waterfall.ts";

/** One line of a trace as it is drawn. */
export type TraceLine = { depth: number; key: string } & (
  | { kind: "step"; bar: WaterfallBar; /** Number of the round that is all this step, from 1. */ round?: number }
  | { kind: "rounds"; count: number; failed: number; isOpen: boolean }
  | { kind: "round"; round: WaterfallRound; isOpen: boolean }
  | { kind: "more"; shown: number; total: number }
);

/** What the person has opened, how much of long lists is shown, and where only failures are. */
export interface TraceView {
  open: ReadonlyMap<string, boolean>;
  limits: ReadonlyMap<string, number>;
  onlyFailed: ReadonlySet<string>;
}

/** Lines of a list at a time: a loop of ten thousand rounds must not make a page of ten thousand lines. */
export const LINES_AT_A_TIME = 50;
/** Containers of few rounds are open from the start. */
const FEW_ROUNDS = 5;

/** The lines of a trace under what is opened: steps, their parts below them, the rounds of containers. */
export function traceLines({ bars, open }: Waterfall, view: TraceView): TraceLine[] {
  const lines: TraceLine[] = [];
  const addPage = <T>(key: string, depth: number, items: readonly T[], add: (item: T) => void) => {
    const shown = Math.min(items.length, view.limits.get(key) ?? LINES_AT_A_TIME);
    for (const item of items.slice(0, shown)) add(item);
    if (shown < items.length) lines.push({ kind: "more", key, depth, shown, total: items.length });
  };
  const addBar = (bar: WaterfallBar, depth: number, round?: number) => {
    lines.push({ kind: "step", key: bar.step.key, depth, bar, ...(round === undefined ? {} : { round }) });
    addPage(`${bar.step.key} parts`, depth + 1, bar.parts, (part) =>
      lines.push({ kind: "step", key: part.step.key, depth: depth + 1, bar: part }),
    );
    addRounds(bar.step.key, depth + 1, bar.rounds);
  };
  const addRounds = (owner: string, depth: number, rounds: readonly WaterfallRound[]) => {
    if (rounds.length === 0) return;
    const key = `${owner} rounds`;
    const isOpen = view.open.get(key) ?? rounds.length <= FEW_ROUNDS;
    const failed = rounds.filter(({ hasFailed }) => hasFailed);
    lines.push({ kind: "rounds", key, depth, count: rounds.length, failed: failed.length, isOpen });
    if (!isOpen) return;
    addPage(key, depth, view.onlyFailed.has(key) ? failed : rounds, (round) => {
      const [only] = round.bars;
      if (only !== undefined && round.bars.length === 1) {
        addBar(only, depth, round.index + 1);
        return;
      }
      const roundKey = `${key} ${round.index}`;
      const isRoundOpen = view.open.get(roundKey) ?? rounds.length <= FEW_ROUNDS;
      lines.push({ kind: "round", key: roundKey, depth, round, isOpen: isRoundOpen });
      if (isRoundOpen) for (const bar of round.bars) addBar(bar, depth + 1);
    });
  };
  addPage("steps", 0, bars, (bar) => addBar(bar, 0));
  addRounds("under way", 0, open);
  return lines;
}
