/** A piece of a document, as it is embedded and cited. */
export interface Chunk {
  text: string;
  /** Heading path ("Cards › Delivery") or row ("row 12"), where the source has one. */
  section?: string;
}

export interface ChunkOptions {
  /** Longest chunk in words. The embedding model reads about 190 English words, the rest of a chunk would not be found by meaning. */
  maxWords: number;
  /** Words that a chunk repeats from the one before it, in whole sentences, so that what spans both is found. */
  overlapWords: number;
}

export const CHUNK_DEFAULTS: ChunkOptions = { maxWords: 160, overlapWords: 30 };

/** A "word" this long is counted as several: scripts without spaces, base64, addresses. */
const CHARACTERS_PER_WORD = 8;

/** Length of a text in words, as chunk sizes count them. */
export function countWords(text: string): number {
  let words = 0;
  for (const [word] of text.matchAll(/\S+/g)) words += wordLength(word);
  return words;
}

/** Splits plain text into chunks: at paragraphs, else at sentences, else between words. Never gives an empty chunk. */
export function chunkText(text: string, options: ChunkOptions): string[] {
  const pieces = text
    .split(/\n\s*\n/)
    .map((paragraph) => paragraph.trim())
    .filter((paragraph) => paragraph !== "")
    .flatMap((paragraph) =>
      (countWords(paragraph) <= options.maxWords ? [paragraph] : splitSentences(paragraph, options.maxWords)).map((piece, index) => ({
        text: piece,
        words: countWords(piece),
        startsParagraph: index === 0,
      })),
    );

  const chunks: string[] = [];
  let current: typeof pieces = [];
  let words = 0;
  for (const piece of pieces) {
    if (words > 0 && words + piece.words > options.maxWords) {
      chunks.push(join(current));
      current = overlap(current, Math.min(options.overlapWords, options.maxWords - piece.words));
      words = current.reduce((sum, { words: count }) => sum + count, 0);
    }
    current.push(piece);
    words += piece.words;
  }
  if (current.length > 0) chunks.push(join(current));
  return chunks;
}

interface Piece {
  text: string;
  words: number;
  startsParagraph: boolean;
}

function join(pieces: readonly Piece[]): string {
  return pieces.map(({ text, startsParagraph }, index) => (index === 0 ? text : `${startsParagraph ? "\n\n" : " "}${text}`)).join("");
}

/** The last whole pieces that fit into so many words. */
function overlap(pieces: readonly Piece[], limit: number): Piece[] {
  const kept: Piece[] = [];
  let words = 0;
  for (const piece of pieces.toReversed()) {
    words += piece.words;
    if (words > limit) break;
    kept.unshift(piece);
  }
  return kept;
}

function splitSentences(paragraph: string, maxWords: number): string[] {
  return paragraph
    .split(/(?<=[.!?…]["')\]]?)\s+|(?<=[。！？])|\n+/u)
    .map((sentence) => sentence.trim())
    .filter((sentence) => sentence !== "")
    .flatMap((sentence) => (countWords(sentence) <= maxWords ? [sentence] : splitWords(sentence, maxWords)));
}

function splitWords(sentence: string, maxWords: number): string[] {
  const parts: string[] = [];
  let part = "";
  let words = 0;
  const finish = (): void => {
    if (part !== "") parts.push(part);
    part = "";
    words = 0;
  };
  for (const [token] of sentence.matchAll(/\S+/g)) {
    // A run of letters without a space can be longer than a whole chunk.
    for (let rest = token; rest !== "";) {
      const slice = takeCharacters(rest, maxWords * CHARACTERS_PER_WORD);
      rest = rest.slice(slice.length);
      const length = wordLength(slice);
      if (words + length > maxWords) finish();
      part += part === "" ? slice : ` ${slice}`;
      words += length;
    }
  }
  finish();
  return parts;
}

/** The first characters of a text, without cutting one in two. */
function takeCharacters(text: string, count: number): string {
  if (text.length <= count) return text;
  const code = text.charCodeAt(count - 1);
  return text.slice(0, code >= 0xd800 && code < 0xdc00 ? count - 1 : count);
}

function wordLength(word: string): number {
  return word.length <= 2 * CHARACTERS_PER_WORD ? 1 : Math.ceil(word.length / CHARACTERS_PER_WORD);
}
