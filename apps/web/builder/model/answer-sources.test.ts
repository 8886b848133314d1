import { expect, test } from "vitest";
import { answerSources } from "./answer-sources.ts";

test("names each source of an answer once, in order", () => {
  const citations = [
    { number: 1, documentName: "cards.md", section: "Delivery", quote: "…" },
    { number: 2, documentName: "fees.md", quote: "…" },
    { number: 3, documentName: "cards.md", section: "Delivery", quote: "…" },
  ];
  expect(answerSources({ answer: "…", citations })).toEqual([
    { document: "cards.md", section: "Delivery" },
    { document: "fees.md", section: undefined },
  ]);
});

test.for([undefined, null, "text", { citations: "none" }, { citations: [null, "x", { section: "no document" }] }])(
  "finds none in %j",
  (output) => {
    expect(answerSources(output)).toEqual([]);
  },
);
