/** Which examples are held back together. */
export interface Folds {
  count: number;
  /** Fold of each example. */
  of: Uint8Array;
}

/** Examples from which three folds are enough, for time's sake. */
const MANY = 2_000;

/**
 * Spreads the examples of every label over the folds as evenly as can be. Texts that differ only in case and space share a
 * fold, so that none is judged by its own copy.
 */
export function planFolds(texts: readonly string[], labels: Int32Array): Folds {
  const byLabel = new Map<number, Map<string, number[]>>();
  for (const [row, text] of texts.entries()) {
    const label = labels[row] ?? 0;
    const groups = byLabel.get(label) ?? new Map<string, number[]>();
    byLabel.set(label, groups);
    const key = text.toLowerCase().replace(/\s+/g, " ").trim();
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  const smallest = Math.min(...Array.from(byLabel.values(), (groups) => groups.size));
  const count = Math.max(2, Math.min(smallest, texts.length >= MANY ? 3 : 5));

  const foldOfText = new Map<string, number>();
  const of = new Uint8Array(texts.length);
  let next = 0;
  for (const groups of byLabel.values()) {
    for (const [key, rows] of shuffled([...groups])) {
      // The same text under another label stays with its twin.
      const fold = foldOfText.get(key) ?? next++ % count;
      foldOfText.set(key, fold);
      for (const row of rows) of[row] = fold;
    }
  }
  return { count, of };
}

/** The same order for the same list: a Fisher-Yates shuffle over a fixed linear congruential sequence. */
function shuffled<T>(list: T[]): T[] {
  let state = 1;
  for (let index = list.length - 1; index > 0; index -= 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const other = Math.floor((state / 2 ** 32) * (index + 1));
    [list[index], list[other]] = [list[other]!, list[index]!];
  }
  return list;
}
