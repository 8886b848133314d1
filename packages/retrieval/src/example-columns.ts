/** Where a table of examples keeps what. */
export interface ExampleColumns {
  columns: string[];
  /** Whether the first row names the columns. */
  hasHeader: boolean;
  /** Column of the texts. */
  text: number;
  /** Column of the labels, if there is one. */
  label: number | undefined;
}

// Best guess first.
const TEXT_NAMES = [
  "text",
  "question",
  "utterance",
  "message",
  "query",
  "input",
  "sentence",
  "phrase",
  "example",
  "content",
  "body",
  "request",
  "comment",
  "description",
  "prompt",
  "title",
  "subject",
];
const LABEL_NAMES = [
  "label",
  "category",
  "intent",
  "class",
  "topic",
  "target",
  "tag",
  "type",
  "answer",
  "output",
  "sentiment",
  "department",
  "queue",
];
/** Rows looked at to tell columns by what they hold. */
const SAMPLE = 1_000;

/** Finds the columns of texts and labels by their names, else by what they hold: texts are long, labels repeat. */
export function detectColumns(rows: readonly (readonly string[])[]): ExampleColumns {
  const first = rows[0] ?? [];
  const names = first.map((name) =>
    name
      .toLowerCase()
      .replace(/[^a-z]+/g, " ")
      .trim(),
  );
  const text = findName(names, TEXT_NAMES, undefined);
  const label = findName(names, LABEL_NAMES, text);
  if (text !== undefined && (label !== undefined || first.length === 1)) return { columns: [...first], hasHeader: true, text, label };

  const width = first.length;
  const sample = rows.slice(1, SAMPLE + 1).filter((row) => row.length === width);
  const statistics = first.map((_, column) => {
    const values = sample.map((row) => row[column] ?? "");
    return { length: values.reduce((sum, value) => sum + value.length, 0), distinct: new Set(values).size };
  });
  const columnsBy = (rank: (column: number) => number): number[] => [...first.keys()].toSorted((left, right) => rank(left) - rank(right));
  const byContentText = text ?? columnsBy((column) => -(statistics[column]?.length ?? 0)).find((column) => column !== label) ?? 0;
  const byContentLabel = label ?? columnsBy((column) => statistics[column]?.distinct ?? 0).find((column) => column !== byContentText);
  const isNamed = text !== undefined || label !== undefined;
  const hasHeader = isNamed || !looksLikeData(first, sample, byContentLabel);
  const columns = hasHeader
    ? [...first]
    : first.map((_, column) => (column === byContentText ? "text" : column === byContentLabel ? "label" : `column ${column + 1}`));
  return { columns, hasHeader, text: byContentText, label: byContentLabel };
}

/** The first row is data when its label occurs again further down. */
function looksLikeData(first: readonly string[], sample: readonly (readonly string[])[], label: number | undefined): boolean {
  if (label === undefined) return /\s/.test(first[0] ?? "");
  return sample.some((row) => row[label] === first[label]);
}

function findName(names: readonly string[], candidates: readonly string[], taken: number | undefined): number | undefined {
  const matches = [
    (name: string, candidate: string) => name === candidate,
    (name: string, candidate: string) => name.split(" ").some((word) => word === candidate || word === `${candidate}s`),
  ];
  for (const isMatch of matches) {
    for (const candidate of candidates) {
      const column = names.findIndex((name, index) => index !== taken && isMatch(name, candidate));
      if (column !== -1) return column;
    }
  }
  return undefined;
}
