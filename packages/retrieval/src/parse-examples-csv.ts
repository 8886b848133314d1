import { HeddleError } from "@heddle/schema";
import { decodeText, type DecodedText } from "./decode-text.ts";
import { detectColumns } from "./example-columns.ts";
import { detectDelimiter, readCsv } from "./read-csv.ts";

export interface ExampleRow {
  /** Line of the file, from 1. */
  line: number;
  text: string;
  /** null where the file has no column of labels. */
  label: string | null;
}

export interface ParsedExamples {
  columns: string[];
  textColumn: string;
  labelColumn: string | null;
  rows: ExampleRow[];
  /** Rows that were left out: how many, and the first 100 with the reason. */
  rejected: { count: number; samples: { line: number; reason: string }[] };
  /** What is usable and yet looks wrong, for people. */
  warnings: ExampleWarning[];
  encoding: DecodedText["encoding"];
  delimiter: string;
}

export interface ExampleWarning {
  code: "duplicate_rows" | "conflicting_labels" | "rare_labels" | "not_utf8";
  message: string;
  /** Lines it is about; the first 20. */
  lines: number[];
}

export interface ParseLimits {
  /** 25 MiB by default, as an upload may have */
  maxBytes?: number;
  /** 50,000 by default */
  maxRows?: number;
  /** Longest text in characters; 8,000 by default. */
  maxTextLength?: number;
}

const LONGEST_LABEL = 200;
const SAMPLES = 100;
const LINES_NAMED = 20;

/**
 * Reads a data set of examples from a CSV file: finds out its delimiter, encoding and columns, leaves out broken rows and says which.
 * @throws HeddleError payload_too_large, file_invalid (not text), csv_invalid (no usable row)
 */
export function parseExamplesCsv(
  bytes: Uint8Array,
  { maxBytes = 25 * 1024 * 1024, maxRows = 50_000, maxTextLength = 8_000 }: ParseLimits = {},
): ParsedExamples {
  if (bytes.length > maxBytes) throw new HeddleError("payload_too_large", `The file has ${bytes.length} bytes; ${maxBytes} are allowed.`);
  const { text: source, encoding } = decodeText(bytes);
  const delimiter = detectDelimiter(source);
  const rejected: ParsedExamples["rejected"] = { count: 0, samples: [] };
  const reject = (line: number, reason: string): void => {
    rejected.count += 1;
    if (rejected.samples.length < SAMPLES) rejected.samples.push({ line, reason });
  };

  const records: { line: number; fields: string[] }[] = [];
  for (const record of readCsv(source, delimiter)) {
    if ("problem" in record) reject(record.line, record.problem);
    else if (records.push(record) > maxRows + 1) {
      throw new HeddleError("payload_too_large", `The file has more than ${maxRows} rows, which is the most that a data set may have.`);
    }
  }
  if (records.length === 0)
    throw new HeddleError("csv_invalid", "The file is empty.", { hint: 'The first line names the columns, for example "text,label".' });

  const layout = detectColumns(records.map(({ fields }) => fields));
  const rows: ExampleRow[] = [];
  for (const { line, fields } of layout.hasHeader ? records.slice(1) : records) {
    const reason = whyUnusable(fields, layout, maxTextLength);
    if (reason !== undefined) reject(line, reason);
    else rows.push({ line, text: fields[layout.text] ?? "", label: layout.label === undefined ? null : (fields[layout.label] ?? "") });
  }
  if (rows.length === 0) {
    const first = rejected.samples[0];
    throw new HeddleError(
      "csv_invalid",
      first === undefined
        ? "The file has no rows under its first line, which names the columns."
        : `No row of the file can be used; line ${first.line}: ${first.reason}.`,
      {
        hint: 'A data set is a CSV file with a column of texts and a column of labels; its first line names them, for example "text,label".',
        details: { rejected },
      },
    );
  }
  rejected.samples.sort((left, right) => left.line - right.line);
  return {
    columns: layout.columns,
    textColumn: layout.columns[layout.text] ?? "",
    labelColumn: layout.label === undefined ? null : (layout.columns[layout.label] ?? ""),
    rows,
    rejected,
    warnings: findWarnings(rows, encoding),
    encoding,
    delimiter,
  };
}

function whyUnusable(
  fields: readonly string[],
  layout: { columns: string[]; text: number; label: number | undefined },
  maxTextLength: number,
): string | undefined {
  const expected = layout.columns.length;
  if (fields.length !== expected) return `it has ${fields.length} ${fields.length === 1 ? "column" : "columns"} instead of ${expected}`;
  const text = fields[layout.text] ?? "";
  if (text === "") return "the text is empty";
  if (text.length > maxTextLength) return `the text has ${text.length} characters; ${maxTextLength} are allowed`;
  if (layout.label === undefined) return undefined;
  const label = fields[layout.label] ?? "";
  if (label === "") return "the label is empty";
  return label.length > LONGEST_LABEL ? `the label has ${label.length} characters; ${LONGEST_LABEL} are allowed` : undefined;
}

function findWarnings(rows: readonly ExampleRow[], encoding: DecodedText["encoding"]): ExampleWarning[] {
  const seen = new Map<string, ExampleRow>();
  const duplicates: number[] = [];
  const conflicts: number[] = [];
  const byLabel = new Map<string, number[]>();
  for (const row of rows) {
    const key = row.text.toLowerCase().replace(/\s+/g, " ");
    const twin = seen.get(key);
    if (twin === undefined) seen.set(key, row);
    else (twin.label === row.label ? duplicates : conflicts).push(row.line);
    if (row.label !== null) byLabel.set(row.label, [...(byLabel.get(row.label) ?? []), row.line].slice(0, 2));
  }
  const rare = [...byLabel.values()].filter((lines) => lines.length === 1).flat();
  const warnings: [ExampleWarning["code"], number[], string][] = [
    ["duplicate_rows", duplicates, `${count(duplicates, "row says", "rows say")} the same as an earlier one.`],
    [
      "conflicting_labels",
      conflicts,
      `${count(conflicts, "text has", "texts have")} another label further up; at most one of the two can be right.`,
    ],
    [
      "rare_labels",
      rare,
      `${count(rare, "label has", "labels have")} one example only; a classifier needs two at least, and ten to be good.`,
    ],
  ];
  const found = warnings
    .filter(([, lines]) => lines.length > 0)
    .map(([code, lines, message]): ExampleWarning => ({ code, message, lines: lines.slice(0, LINES_NAMED) }));
  return encoding === "utf-8"
    ? found
    : [
        {
          code: "not_utf8",
          message: `The file is not UTF-8; it was read as ${encoding}. Check that accents and signs look right.`,
          lines: [],
        },
        ...found,
      ];
}

function count(lines: readonly number[], one: string, many: string): string {
  return `${lines.length} ${lines.length === 1 ? one : many}`;
}
