import { HeddleError } from "@heddle/schema";
import { chunkText, type Chunk, type ChunkOptions } from "./chunk.ts";
import { detectDelimiter, readCsv } from "./read-csv.ts";

/**
 * Makes a chunk of every row of a table, written as "column: value" lines, so that a row is found by any of its values and
 * reads by itself. Rows too long for one chunk become several; rows with broken quotes are left out. The first line names
 * the columns.
 * @throws HeddleError file_invalid when there is no row
 */
export function chunkCsv(source: string, options: ChunkOptions): Chunk[] {
  const records = Array.from(readCsv(source, detectDelimiter(source))).flatMap((record) => ("fields" in record ? [record] : []));
  const [header, ...rows] = records;
  if (header === undefined || rows.length === 0) {
    throw new HeddleError("file_invalid", "The CSV file has no rows under its first line, which names the columns.");
  }
  return rows.flatMap(({ fields, line }) => {
    const text = fields.flatMap((value, column) => (value === "" ? [] : [`${header.fields[column] || `column ${column + 1}`}: ${value}`]));
    return chunkText(text.join("\n"), options).map((part) => ({ text: part, section: `line ${line}` }));
  });
}
