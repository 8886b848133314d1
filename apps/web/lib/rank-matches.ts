/**
 * Sorts items by how well their text matches what was typed: beginning of the text, beginning of a word, anywhere,
 * letters in order. Items that don't match at all are left out; an empty query keeps everything as it is.
 */
export function rankMatches<T>(items: readonly T[], query: string, textOf: (item: T) => string): T[] {
  const needle = query.trim().toLowerCase();
  if (needle === "") return [...items];
  return items
    .map((item, index) => ({ item, index, rank: rankOf(textOf(item).toLowerCase(), needle) }))
    .filter(({ rank }) => rank !== undefined)
    .toSorted((a, b) => (a.rank ?? 0) - (b.rank ?? 0) || a.index - b.index)
    .map(({ item }) => item);
}

function rankOf(text: string, needle: string): number | undefined {
  if (text.startsWith(needle)) return 0;
  if (text.includes(` ${needle}`)) return 1;
  const words = needle.split(/\s+/);
  if (words.every((word) => text.includes(word))) return 2;
  let at = -1;
  for (const letter of needle) {
    at = text.indexOf(letter, at + 1);
    if (at === -1) return undefined;
  }
  return 3;
}
