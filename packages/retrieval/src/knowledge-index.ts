import { createVectorIndex, type VectorIndex } from "./vector-index.ts";
import { createWordIndex } from "./word-index.ts";

/** A passage as it is stored: a chunk of a document with its embedding. */
export interface IndexedPassage {
  id: string;
  text: string;
  /** Unit length. */
  vector: Float32Array;
  documentId: string;
  documentName: string;
  /** Position in its document, from 0. */
  chunk: number;
  section?: string;
}

/** A passage that was found, with all that a citation needs. */
export interface FoundPassage extends Omit<IndexedPassage, "vector"> {
  /** 0…1: below 0.3 it hardly has to do with the query, above 0.6 it is about the same thing. */
  score: number;
}

export interface KnowledgeQuery {
  text: string;
  /** The query's embedding, unit length. */
  vector: Float32Array;
  /** 5 by default */
  limit?: number;
  /** 0 by default */
  minScore?: number;
}

/** The passages of one knowledge base, in memory, searched by meaning and by words together. */
export interface KnowledgeIndex {
  readonly size: number;
  /** Adds passages; one with a known id takes the old one's place. */
  add(passages: Iterable<IndexedPassage>): void;
  removeDocument(documentId: string): void;
  /** Best first. */
  search(query: KnowledgeQuery): FoundPassage[];
}

/** How sure shared words alone make a match, where all the telling words of the query are there. */
const TRUST_IN_WORDS = 0.5;

/** @param createVectors what finds by meaning, for embeddings of so many dimensions; a loop by default */
export function createKnowledgeIndex(
  passages: Iterable<IndexedPassage> = [],
  createVectors: (dimensions: number) => VectorIndex = createVectorIndex,
): KnowledgeIndex {
  const words = createWordIndex();
  let vectors: VectorIndex | undefined;
  /** Kept without holes: what is removed is replaced by the last. */
  const entries: Omit<IndexedPassage, "vector">[] = [];
  const placeOf = new Map<string, number>();

  const put = (place: number, entry: Omit<IndexedPassage, "vector">, vector: Float32Array): void => {
    entries[place] = entry;
    placeOf.set(entry.id, place);
    vectors ??= createVectors(vector.length);
    vectors.set(place, vector);
    words.add(place, indexedText(entry));
  };
  const remove = (place: number): void => {
    const removed = entries[place];
    const last = entries.pop();
    if (removed === undefined || last === undefined || vectors === undefined) return;
    placeOf.delete(removed.id);
    words.remove(entries.length);
    if (place < entries.length) put(place, last, vectors.get(entries.length));
  };

  const index: KnowledgeIndex = {
    get size() {
      return entries.length;
    },
    add(added) {
      for (const { vector, ...entry } of added) put(placeOf.get(entry.id) ?? entries.length, entry, vector);
    },
    removeDocument(documentId) {
      for (let place = entries.length - 1; place >= 0; place -= 1) if (entries[place]?.documentId === documentId) remove(place);
    },
    search({ text, vector, limit = 5, minScore = 0 }) {
      if (vectors === undefined || entries.length === 0) return [];
      const cosines = vectors.search(vector, entries.length);
      const byWords = words.search(text, entries.length);
      const scores = new Float32Array(entries.length);
      for (let place = 0; place < scores.length; place += 1) scores[place] = joinEvidence(cosines[place]!, byWords[place]!);
      return bestPlaces(scores, Math.max(1, limit))
        .filter((place) => scores[place]! >= minScore)
        .map((place) => ({ ...entries[place]!, score: scores[place]! }));
    },
  };
  index.add(passages);
  return index;
}

/** The chance that at least one of two independent signs is right ("noisy or"). */
function joinEvidence(cosine: number, wordScore: number): number {
  const byMeaning = Math.min(1, Math.max(0, cosine));
  return 1 - (1 - byMeaning) * (1 - TRUST_IN_WORDS * wordScore);
}

/** Headings and names are searched too: a passage seldom repeats what its heading says. */
function indexedText({ section, documentName, text }: Omit<IndexedPassage, "vector">): string {
  return [documentName, section, text].filter((part) => part !== undefined).join("\n");
}

/** The places of the highest scores, best first; equal scores in order of place. */
function bestPlaces(scores: Float32Array, limit: number): number[] {
  const best: number[] = [];
  for (let place = 0; place < scores.length; place += 1) {
    const score = scores[place]!;
    let position = best.length;
    if (position === limit) {
      if (score <= scores[best[limit - 1]!]!) continue;
      position -= 1;
    }
    while (position > 0 && scores[best[position - 1]!]! < score) {
      best[position] = best[position - 1]!;
      position -= 1;
    }
    best[position] = place;
  }
  return best;
}
