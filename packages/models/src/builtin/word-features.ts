/** A text as the n-grams it holds: places in the vocabulary with their weights, `VECTOR_LENGTH` long in all. */
export interface SparseVector {
  places: Uint32Array;
  weights: Float32Array;
}

/** Words and pairs of words that a classifier knows, with the weight of each. */
export interface WordFeatures {
  /** The n-grams in the order of their places. */
  readonly vocabulary: readonly string[];
  /** Inverse document frequency of each n-gram. */
  readonly rarity: Float32Array;
}

// Letters, marks and digits with inner apostrophes; ideographs and other symbols stand alone, as they are not spaced.
const WORDS = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]|[\p{L}\p{M}\p{N}']+|[^\s\p{L}\p{M}\p{N}']/gu;
/** Suits the penalty on the weights that are learnt for it. */
const VECTOR_LENGTH = 10;
/** Longer texts are cut: what they are about is said by then. */
const MAX_CHARACTERS = 8_000;

/** The words of a text and its pairs of neighbouring words, in order, with repeats. */
export function wordGrams(text: string): string[] {
  const words = text.slice(0, MAX_CHARACTERS).normalize("NFKC").toLowerCase().match(WORDS) ?? [];
  return [...words, ...words.slice(1).map((word, index) => `${words[index]} ${word}`)];
}

/** Learns a vocabulary from the n-grams of the examples: those in at least `minTexts` of them, the commonest `limit`. */
export function fitWordFeatures(
  texts: readonly (readonly string[])[],
  { minTexts, limit }: { minTexts: number; limit: number },
): WordFeatures {
  const frequency = new Map<string, number>();
  for (const grams of texts) for (const gram of new Set(grams)) frequency.set(gram, (frequency.get(gram) ?? 0) + 1);
  const kept = [...frequency].filter(([, count]) => count >= minTexts);
  if (kept.length > limit) {
    kept.sort((left, right) => right[1] - left[1]);
    kept.length = limit;
  }
  return {
    vocabulary: kept.map(([gram]) => gram),
    rarity: Float32Array.from(kept, ([, count]) => Math.log((1 + texts.length) / (1 + count)) + 1),
  };
}

/** Returns the function that turns n-grams into TF-IDF vectors. */
export function vectoriser({ vocabulary, rarity }: WordFeatures): (grams: readonly string[]) => SparseVector {
  const placeOf = new Map(vocabulary.map((gram, place) => [gram, place]));
  return (grams) => {
    const counts = new Map<number, number>();
    for (const gram of grams) {
      const place = placeOf.get(gram);
      if (place !== undefined) counts.set(place, (counts.get(place) ?? 0) + 1);
    }
    // Filled by a loop: `from` with an iterator takes twice as long.
    const places = new Uint32Array(counts.size);
    const weights = new Float32Array(counts.size);
    let entry = 0;
    let squares = 0;
    for (const [place, count] of counts) {
      places[entry] = place;
      weights[entry] = (1 + Math.log(count)) * (rarity[place] ?? 0);
      squares += weights[entry]! ** 2;
      entry += 1;
    }
    const scale = VECTOR_LENGTH / Math.sqrt(squares || 1);
    for (let index = 0; index < weights.length; index += 1) weights[index]! *= scale;
    return { places, weights };
  };
}
