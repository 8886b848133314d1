/** Turns text into the token ids of an uncased BERT vocabulary. */
export interface WordPieceTokenizer {
  /** Ids with the leading [CLS] and the final [SEP]; at most `maxTokens` in all. */
  encode(text: string, maxTokens?: number): number[];
}

/** The part of a `tokenizer.json` (Hugging Face tokenizers) that is read. */
export interface TokenizerFile {
  model: { vocab: Record<string, number>; max_input_chars_per_word?: number };
}

const CLS = "[CLS]";
const SEP = "[SEP]";
const UNKNOWN = "[UNK]";
/** all-MiniLM-L6-v2 was trained on at most this many tokens. */
const MAX_TOKENS = 256;
/** Characters read per token asked for; English has about 5, so this loses nothing and bounds the work on huge texts. */
const CHARACTERS_PER_TOKEN = 128;

/**
 * Uncased BERT tokenisation: clean, split off CJK characters, strip accents, lower-case, split at white space and
 * punctuation, then the longest pieces of the vocabulary from the left. Same results as the `BertNormalizer`,
 * `BertPreTokenizer` and `WordPiece` of Hugging Face tokenizers, but that "[SEP]" and its like inside a text are
 * words and not special tokens, so that no text can pose as several.
 */
export function createWordPieceTokenizer(file: TokenizerFile): WordPieceTokenizer {
  const vocabulary = new Map(Object.entries(file.model.vocab));
  const maxWordLength = file.model.max_input_chars_per_word ?? 100;
  const special = (token: string): number => {
    const id = vocabulary.get(token);
    if (id === undefined) throw new Error(`The vocabulary has no ${token}`);
    return id;
  };
  const cls = special(CLS);
  const sep = special(SEP);
  const unknown = special(UNKNOWN);

  const pieces = (word: string): number[] => {
    const whole = vocabulary.get(word);
    if (whole !== undefined) return [whole];
    const characters = [...word];
    if (characters.length > maxWordLength) return [unknown];
    const ids: number[] = [];
    let start = 0;
    while (start < characters.length) {
      let end = characters.length;
      let id: number | undefined;
      for (; end > start; end -= 1) {
        const piece = characters.slice(start, end).join("");
        id = vocabulary.get(start === 0 ? piece : `##${piece}`);
        if (id !== undefined) break;
      }
      if (id === undefined) return [unknown];
      ids.push(id);
      start = end;
    }
    return ids;
  };

  return {
    encode(text, maxTokens = MAX_TOKENS) {
      const ids = [cls];
      const room = maxTokens - 1;
      for (const word of splitWords(text.slice(0, maxTokens * CHARACTERS_PER_TOKEN))) {
        for (const id of pieces(word)) if (ids.length < room) ids.push(id);
        if (ids.length >= room) break;
      }
      ids.push(sep);
      return ids;
    },
  };
}

const PLAIN_ASCII = /^[\t\n\r\x20-\x7e]*$/;
const ASCII_WORDS = /[a-z0-9]+|[!-/:-@[-`{-~]/g;
// Ideographs as BERT counts them; they are words by themselves.
const CJK =
  /[\u4e00-\u9fff\u3400-\u4dbf\uf900-\ufaff\u{20000}-\u{2a6df}\u{2a700}-\u{2b73f}\u{2b740}-\u{2b81f}\u{2b820}-\u{2ceaf}\u{2f800}-\u{2fa1f}]/gu;
// Removed: NUL, the replacement character, and every "other" character but tab and line ends, which are spaces.
const CONTROL = /(?![\t\n\r])[\p{C}\ufffd]/gu;
const WORDS = /[\p{P}!-/:-@[-`{-~]|[^\s\p{P}!-/:-@[-`{-~]+/gu;

function splitWords(text: string): string[] {
  if (PLAIN_ASCII.test(text)) return text.toLowerCase().match(ASCII_WORDS) ?? [];
  const clean = text
    .toWellFormed()
    .replace(CONTROL, "")
    .replace(CJK, " $& ")
    .normalize("NFD")
    .replace(/\p{Mn}/gu, "");
  // Letter by letter: String.toLowerCase looks at neighbours (final sigma), BERT's vocabulary was made without.
  const lower = Array.from(clean, (character) => character.toLowerCase()).join("");
  return lower.match(WORDS) ?? [];
}
