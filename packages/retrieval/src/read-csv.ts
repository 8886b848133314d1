/** A line (or several, where a quoted value holds line ends) of a CSV file. `line` counts from 1. */
export type CsvRecord = { line: number; fields: string[] } | { line: number; problem: string };

/** A quoted value longer than this (in characters) was surely not meant to be one: its closing quote is missing. */
const LONGEST_QUOTED_VALUE = 100_000;

/**
 * Reads CSV as RFC 4180 describes it, record by record. A record with broken quotes is given as a problem and reading goes
 * on at the next line, so that one stray quote costs one line and not the rest of the file. Empty lines are left out.
 */
export function* readCsv(source: string, delimiter: string): Generator<CsvRecord> {
  let offset = source.startsWith("\ufeff") ? 1 : 0;
  let line = 1;
  while (offset < source.length) {
    const record = readRecord(source, offset, delimiter);
    const isEmpty = "fields" in record && record.fields.length === 1 && record.fields[0] === "";
    if (!isEmpty) yield "fields" in record ? { line, fields: record.fields } : { line, problem: record.problem };
    line += countLineEnds(source, offset, record.end);
    offset = record.end;
  }
}

/** The character that stands between the columns: the one that the first line has most of outside quotes; a comma when it has none. */
export function detectDelimiter(source: string): string {
  const counts = new Map([",", ";", "\t", "|"].map((delimiter) => [delimiter, 0]));
  let isQuoted = false;
  for (const character of source.slice(0, 10_000)) {
    if (character === '"') isQuoted = !isQuoted;
    else if (!isQuoted && (character === "\n" || character === "\r")) break;
    else if (!isQuoted && counts.has(character)) counts.set(character, (counts.get(character) ?? 0) + 1);
  }
  const [best] = [...counts].toSorted((left, right) => right[1] - left[1]);
  return best !== undefined && best[1] > 0 ? best[0] : ",";
}

type ReadRecord = { fields: string[]; end: number } | { problem: string; end: number };

function readRecord(source: string, start: number, delimiter: string): ReadRecord {
  const fields: string[] = [];
  const broken = (problem: string): ReadRecord => ({ problem, end: afterLineEnd(source, lineEnd(source, start)) });
  for (let offset = start; ;) {
    const from = skipSpaces(source, offset, delimiter);
    let end: number;
    if (source[from] === '"') {
      const close = closingQuote(source, from + 1);
      if (close === undefined) return broken("a quote is opened and not closed");
      end = skipSpaces(source, close + 1, delimiter);
      if (end < source.length && source[end] !== delimiter && source[end] !== "\n" && source[end] !== "\r") {
        return broken("there is text after a closing quote");
      }
      fields.push(
        source
          .slice(from + 1, close)
          .replaceAll('""', '"')
          .trim(),
      );
    } else {
      end = fieldEnd(source, offset, delimiter);
      fields.push(source.slice(offset, end).trim());
    }
    if (source[end] !== delimiter) return { fields, end: afterLineEnd(source, end) };
    offset = end + 1;
  }
}

function closingQuote(source: string, from: number): number | undefined {
  for (let at = source.indexOf('"', from); at !== -1 && at - from <= LONGEST_QUOTED_VALUE; at = source.indexOf('"', at + 2)) {
    if (source[at + 1] !== '"') return at;
  }
  return undefined;
}

function fieldEnd(source: string, from: number, delimiter: string): number {
  let end = from;
  while (end < source.length && source[end] !== delimiter && source[end] !== "\n" && source[end] !== "\r") end += 1;
  return end;
}

function lineEnd(source: string, from: number): number {
  let end = from;
  while (end < source.length && source[end] !== "\n" && source[end] !== "\r") end += 1;
  return end;
}

function afterLineEnd(source: string, at: number): number {
  if (source[at] === "\r" && source[at + 1] === "\n") return at + 2;
  return at < source.length ? at + 1 : at;
}

function skipSpaces(source: string, from: number, delimiter: string): number {
  let at = from;
  while ((source[at] === " " || source[at] === "\t") && source[at] !== delimiter) at += 1;
  return at;
}

function countLineEnds(source: string, from: number, to: number): number {
  let count = 0;
  for (let at = from; at < to; at += 1) {
    if (source[at] === "\n" || (source[at] === "\r" && source[at + 1] !== "\n")) count += 1;
  }
  return count;
}
