import * as fc from "fast-check";
import { expect, test } from "vitest";
import { chunkDocument } from "./chunk-document.ts";
import { countWords } from "./chunk.ts";

const chunk = (name: string, source: string, options = {}) => chunkDocument({ name, bytes: new TextEncoder().encode(source) }, options);
const words = (count: number, stem: string): string => Array.from({ length: count }, (_, index) => `${stem}${index}`).join(" ");

test("keeps paragraphs together up to the limit and repeats the last sentences in the next chunk", () => {
  const text = ["First one here.", "Second one here.", "Third one here.", "Fourth one here."].join("\n\n");
  expect(chunk("a.txt", text, { maxWords: 6, overlapWords: 0 }).map(({ text: part }) => part)).toEqual([
    "First one here.\n\nSecond one here.",
    "Third one here.\n\nFourth one here.",
  ]);
  expect(chunk("a.txt", text, { maxWords: 6, overlapWords: 3 }).map(({ text: part }) => part)).toEqual([
    "First one here.\n\nSecond one here.",
    "Second one here.\n\nThird one here.",
    "Third one here.\n\nFourth one here.",
  ]);
});

test("splits long paragraphs at sentences, and long sentences between words", () => {
  const parts = chunk("a.txt", `${words(8, "a")}. ${words(8, "b")}! ${words(25, "c")}.`, { maxWords: 10, overlapWords: 0 });
  expect(parts.map(({ text }) => text.split(" ")[0])).toEqual(["a0", "b0", "c0", "c10", "c20"]);
});

test("gives Markdown the path of its headings, and leaves code alone", () => {
  const source =
    "---\ntitle: x\n---\nIntro.\n\n# Cards\n## *Delivery* [times](http://x)\nFive days.\n\n```sh\n# not a heading\n```\n## Lost ##\nCall us.\n\nFees\n====\n\nNone.\n\n- item\n---\n";
  expect(chunk("help.md", source)).toEqual([
    { text: "Intro." },
    { text: "Five days.\n\n```sh\n# not a heading\n```", section: "Cards › Delivery times" },
    { text: "Call us.", section: "Cards › Lost" },
    { text: "None.\n\n- item\n---", section: "Fees" },
  ]);
});

test("makes a chunk of each row of a table, with the names of its columns", () => {
  expect(chunk("faq.csv", 'question;answer\nHow long?;"Five days; seldom\nmore"\n;Only an answer\n')).toEqual([
    { text: "question: How long?\nanswer: Five days; seldom\nmore", section: "line 2" },
    { text: "answer: Only an answer", section: "line 4" },
  ]);
  expect(chunk("x.bin", "a,b\n1,2", {}).length).toBe(1);
  expect(chunkDocument({ name: "x", mediaType: "text/csv; charset=utf-8", bytes: new TextEncoder().encode("a,b\n1,2") })).toEqual([
    { text: "a: 1\nb: 2", section: "line 2" },
  ]);
});

test("never gives empty or overlong chunks, and loses no word", () => {
  const text = fc
    .array(fc.oneof(fc.string(), fc.constantFrom("\n\n", "\n", " ", ". ", "。", "# h\n", "word ", "x".repeat(300), "😀".repeat(40))), {
      maxLength: 60,
    })
    .map((parts) => parts.join(""));
  fc.assert(
    fc.property(text, fc.integer({ min: 5, max: 40 }), (source, maxWords) => {
      fc.pre(/\S/.test(source) && !source.includes("\0"));
      const chunks = chunk("a.txt", source, { maxWords, overlapWords: 3 });
      for (const part of chunks) {
        expect(part.text.trim()).not.toBe("");
        expect(countWords(part.text)).toBeLessThanOrEqual(maxWords);
      }
      const letters = (value: string): Set<string> => new Set(value.toWellFormed().match(/\S/gu));
      expect(letters(chunks.map((part) => part.text).join(""))).toEqual(letters(source.replace(/\ufeff/g, "")));
    }),
  );
});

test("refuses files that are empty, too large or no text", () => {
  expect(() => chunk("a.txt", " \n ")).toThrow(expect.objectContaining({ code: "file_invalid" }));
  expect(() => chunk("a.csv", "only,names")).toThrow(expect.objectContaining({ code: "file_invalid" }));
  expect(() => chunkDocument({ name: "a.md", bytes: Uint8Array.of(1, 0, 2) })).toThrow(expect.objectContaining({ code: "file_invalid" }));
  expect(() => chunk("a.txt", "abc", { maxBytes: 2 })).toThrow(expect.objectContaining({ code: "payload_too_large" }));
  expect(() => chunk("a.txt", words(100, "w"), { maxWords: 5, maxChunks: 3 })).toThrow(
    expect.objectContaining({ code: "payload_too_large" }),
  );
});
