import * as fc from "fast-check";
import { expect, test } from "vitest";
import { detectDelimiter, readCsv } from "./read-csv.ts";

const read = (source: string, delimiter = ","): unknown[] =>
  [...readCsv(source, delimiter)].map((record) => ("fields" in record ? record.fields : `${record.line}: ${record.problem}`));

test("reads quotes, doubled quotes, line ends in values, and every kind of line end", () => {
  expect(read('a,"b,c"\r\n"say ""hi""",x\n"two\nlines",y\rlast,z')).toEqual([
    ["a", "b,c"],
    ['say "hi"', "x"],
    ["two\nlines", "y"],
    ["last", "z"],
  ]);
});

test("takes quotes inside a bare value as they are, and trims", () => {
  expect(read('5" screen , x\n  "quoted" ,y')).toEqual([
    ['5" screen', "x"],
    ["quoted", "y"],
  ]);
});

test("leaves out empty lines and the byte order mark, and keeps empty values", () => {
  expect(read("\ufeffa,b\n\n,\n\n")).toEqual([
    ["a", "b"],
    ["", ""],
  ]);
});

test("loses one line to a stray quote and goes on", () => {
  expect(read('a,1\n"open,2\nb,3\n"c, d",4\ne,5')).toEqual([
    ["a", "1"],
    "2: there is text after a closing quote",
    ["b", "3"],
    ["c, d", "4"],
    ["e", "5"],
  ]);
  expect(read('a,1\n"open,2\nb,3')).toEqual([["a", "1"], "2: a quote is opened and not closed", ["b", "3"]]);
  expect(read('"a" b,1\nc,2')).toEqual(["1: there is text after a closing quote", ["c", "2"]]);
});

test("counts lines, those inside values too", () => {
  const records = [...readCsv('a\n"b\nb"\r\nc', ",")];
  expect(records.map(({ line }) => line)).toEqual([1, 2, 4]);
});

test("reads back whatever is written by the rules", () => {
  const value = fc.string({ maxLength: 12 }).map((text) => text.trim());
  const row = fc.array(value, { minLength: 2, maxLength: 4 });
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 6 }), (rows) => {
      const source = rows.map((fields) => fields.map((field) => `"${field.replaceAll('"', '""')}"`).join(",")).join("\n");
      expect(read(source)).toEqual(rows);
    }),
  );
});

test("finds the delimiter outside quotes", () => {
  expect(detectDelimiter("text;label\na,b,c;d")).toBe(";");
  expect(detectDelimiter("text\tlabel")).toBe("\t");
  expect(detectDelimiter('"a;b;c",d')).toBe(",");
  expect(detectDelimiter("alone")).toBe(",");
});
