/** Words that people write where JavaScript has an operator. */
const WORD_OPERATORS: ReadonlyMap<string, string> = new Map([
  ["and", "&&"],
  ["or", "||"],
  ["not", "!"],
  ["is", "=="],
  ["equals", "=="],
  ["then", "?"],
  ["else", ":"],
]);

/** The advice to give where this word can't stand; undefined for words that mean nothing special. */
export function wordOperatorHint(word: string): string | undefined {
  const operator = WORD_OPERATORS.get(word.toLowerCase());
  return operator === undefined ? undefined : `Write ${operator} instead.`;
}
