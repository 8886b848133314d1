/** Finds texts by the words of a query: BM25 over words without case and accents. */
export interface WordIndex {
  add(place: number, text: string): void;
  remove(place: number): void;
  /** Scores 0…1 of places 0…count-1: 0 where no word is shared with the query, 1 where all its telling words are there. */
  search(query: string, count: number): Float64Array;
}

/** Saturation of repeats and weight of length: the usual values. Robertson and Zaragoza, The Probabilistic Relevance Framework, 2009. */
const SATURATION = 1.2;
const LENGTH_WEIGHT = 0.75;
/** What a word of the query counts that no text has. It may be telling or just polite; with a full say it would spoil the match of the others. */
const WEIGHT_OF_UNKNOWN = 0.25;
// Unspaced scripts are indexed letter by letter, as their words can't be told apart without a dictionary.
const WORD = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]|[\p{L}\p{N}]+/gu;

export function createWordIndex(): WordIndex {
  /** word → place → count */
  const postings = new Map<string, Map<number, number>>();
  /** The words at each place, and how many they are with repeats. */
  const documents = new Map<number, string[]>();
  const lengths: number[] = [];
  let totalLength = 0;

  const rarity = (word: string): number => {
    const frequency = postings.get(word)?.size ?? 0;
    const weight = Math.log(1 + (documents.size - frequency + 0.5) / (frequency + 0.5));
    return frequency === 0 ? WEIGHT_OF_UNKNOWN * weight : weight;
  };

  return {
    add(place, text) {
      this.remove(place);
      const counts = countWords(text);
      let length = 0;
      for (const [word, count] of counts) {
        const posting = postings.get(word) ?? new Map<number, number>();
        posting.set(place, count);
        postings.set(word, posting);
        length += count;
      }
      documents.set(place, [...counts.keys()]);
      lengths[place] = length;
      totalLength += length;
    },
    remove(place) {
      const words = documents.get(place);
      if (words === undefined) return;
      for (const word of words) {
        const posting = postings.get(word);
        posting?.delete(place);
        if (posting?.size === 0) postings.delete(word);
      }
      documents.delete(place);
      totalLength -= lengths[place] ?? 0;
    },
    search(query, count) {
      const scores = new Float64Array(count);
      const words = [...countWords(query).keys()].map((word) => ({ word, weight: rarity(word) }));
      const best = words.reduce((sum, { weight }) => sum + weight, 0);
      if (best === 0) return scores;
      const averageLength = totalLength / documents.size;
      for (const { word, weight } of words) {
        const share = weight / best;
        postings.get(word)?.forEach((repeats, place) => {
          const length = lengths[place] ?? averageLength;
          const dampened = repeats / (repeats + SATURATION * (1 - LENGTH_WEIGHT + (LENGTH_WEIGHT * length) / averageLength));
          // Once in a text of average length counts 1 / (1 + SATURATION); that much is taken as full.
          if (place < count) scores[place]! += share * Math.min(1, dampened * (1 + SATURATION));
        });
      }
      return scores;
    },
  };
}

function countWords(text: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().match(WORD) ?? [])
    counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}
