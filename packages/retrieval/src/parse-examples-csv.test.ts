import { expect, test } from "vitest";
import { parseExamplesCsv } from "./parse-examples-csv.ts";

const parse = (source: string, limits = {}) => parseExamplesCsv(new TextEncoder().encode(source), limits);

test("reads texts and labels by the names of their columns, in any order", () => {
  const parsed = parse("id,Intent Name,Customer Message\n1,refund,Give me my money back\n2,delivery,Where is it?\n");
  expect(parsed).toMatchObject({
    columns: ["id", "Intent Name", "Customer Message"],
    textColumn: "Customer Message",
    labelColumn: "Intent Name",
    rejected: { count: 0 },
    warnings: [{ code: "rare_labels" }],
  });
  expect(parsed.rows).toEqual([
    { line: 2, text: "Give me my money back", label: "refund" },
    { line: 3, text: "Where is it?", label: "delivery" },
  ]);
});

test("tells columns with unknown names by what they hold", () => {
  const rows = Array.from({ length: 20 }, (_, index) => `${index % 2 ? "x" : "y"};This is a rather long sentence number ${index}`).join(
    "\n",
  );
  expect(parse(`foo;bar\n${rows}`)).toMatchObject({ textColumn: "bar", labelColumn: "foo", delimiter: ";" });
});

test("takes the first line as data where it names nothing", () => {
  const parsed = parse("My card is lost,card\nMy card was eaten,card\nTop up failed,top-up\nNo top up,top-up");
  expect(parsed).toMatchObject({ columns: ["text", "label"], textColumn: "text", labelColumn: "label" });
  expect(parsed.rows).toHaveLength(4);
});

test("accepts texts without labels", () => {
  expect(parse("question\nWhere is it?\nWhy?")).toMatchObject({ labelColumn: null, rows: [{ label: null }, { label: null }] });
});

test("leaves out one broken row in a hundred and says which and why", () => {
  const lines = Array.from({ length: 1_000 }, (_, index) => `question ${index},label ${index % 5}`);
  const broken: Record<number, string> = {
    50: "one, two, three,label",
    150: ",label 1",
    250: "no label,",
    350: '"never closed,label 1',
    450: 'an "odd" one,label 1',
    550: '"closed" too early,label 1',
    650: "alone",
    750: `${"long ".repeat(2_000)},label 1`,
    850: '"opened,label 1',
    950: `fine,${"l".repeat(201)}`,
  };
  for (const [index, line] of Object.entries(broken)) lines[Number(index)] = line;
  const { rows, rejected } = parse(`text,label\n${lines.join("\n")}`);
  expect(rows).toHaveLength(991);
  expect(rows.find(({ line }) => line === 452)?.text).toBe('an "odd" one');
  expect(rejected.count).toBe(9);
  expect(rejected.samples.map(({ line }) => line)).toEqual([52, 152, 252, 352, 552, 652, 752, 852, 952]);
  expect(rejected.samples[0]?.reason).toBe("it has 4 columns instead of 2");
  expect(rejected.samples[3]?.reason).toContain("quote");
  expect(rejected.samples[6]?.reason).toBe("the text has 9999 characters; 8000 are allowed");
});

test("warns of copies, contradictions and labels with one example", () => {
  const { warnings, rows } = parse("text,label\nhello,a\nHello ,a\nhello,b\nbye,c\nbye bye,b\nsee you,c");
  expect(rows).toHaveLength(6);
  expect(warnings.map(({ code, lines }) => [code, lines])).toEqual([
    ["duplicate_rows", [3]],
    ["conflicting_labels", [4]],
  ]);
  expect(parse("text,label\nhello,a\nbye,c\nyes,a").warnings).toMatchObject([{ code: "rare_labels", lines: [3] }]);
});

test("reads Excel's encodings and says so", () => {
  const bytes = Uint8Array.from([..."text,label\nMünchen,a\nKöln,a"].map((character) => character.charCodeAt(0)));
  expect(parseExamplesCsv(bytes)).toMatchObject({
    encoding: "windows-1252",
    rows: [{ text: "München" }, { text: "Köln" }],
    warnings: [{ code: "not_utf8" }],
  });
  const wide = Uint8Array.from([
    0xff,
    0xfe,
    ...new Uint8Array(Uint16Array.from([..."text,label\nä,a\nb,a"].map((character) => character.charCodeAt(0))).buffer),
  ]);
  expect(parseExamplesCsv(wide)).toMatchObject({ encoding: "utf-16le", rows: [{ text: "ä" }, { text: "b" }] });
  expect(parse("\ufefftext,label\na b,x\nc,x")).toMatchObject({ columns: ["text", "label"], encoding: "utf-8" });
});

test("refuses files without a usable row and says what one looks like", () => {
  for (const source of ["", "\n\n", "text,label", "text,label\n,\n,"]) {
    expect(() => parse(source)).toThrow(expect.objectContaining({ code: "csv_invalid", hint: expect.stringContaining("text,label") }));
  }
  expect(() => parse("text,label\n,x")).toThrow("line 2: the text is empty");
  expect(() => parseExamplesCsv(Uint8Array.of(0x50, 0x4b, 3, 4, 0, 0, 0))).toThrow(expect.objectContaining({ code: "file_invalid" }));
  const withoutZeros = Uint8Array.from({ length: 3_000 }, (_, index) => 1 + ((index * 7_919) % 255));
  expect(() => parseExamplesCsv(withoutZeros)).toThrow(expect.objectContaining({ code: "file_invalid" }));
});

test("refuses what is too large", () => {
  expect(() => parse("text,label\na,b", { maxBytes: 10 })).toThrow(expect.objectContaining({ code: "payload_too_large" }));
  expect(() => parse("text,label\na,b\nc,d\ne,f", { maxRows: 2 })).toThrow(expect.objectContaining({ code: "payload_too_large" }));
  expect(parse("text,label\na,b\nc,d", { maxRows: 2 }).rows).toHaveLength(2);
});
