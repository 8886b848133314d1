import { expect, test } from "vitest";
import { createKnowledgeIndex, type IndexedPassage } from "./knowledge-index.ts";

/** Unit vectors in a plane: 0° and 90° have nothing to do with each other. */
const at = (degrees: number): Float32Array => Float32Array.of(Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180));
const passage = (id: string, text: string, degrees: number, documentId = "d"): IndexedPassage => ({
  id,
  text,
  vector: at(degrees),
  documentId,
  documentName: `${documentId}.md`,
  chunk: 0,
});

test("finds by meaning without a shared word, and by words without a like meaning", () => {
  const index = createKnowledgeIndex([
    passage("1", "Parcels take five days", 10),
    passage("2", "Error E-4012 means a full disk", 85),
    passage("3", "Our office is closed", 88),
  ]);
  expect(index.search({ text: "how long is shipping", vector: at(0) })[0]?.id).toBe("1");
  expect(index.search({ text: "what is e-4012", vector: at(45) }).map(({ id }) => id)).toEqual(["2", "1", "3"]);
});

test("gives what a citation needs, and scores between 0 and 1", () => {
  const index = createKnowledgeIndex([{ ...passage("1", "Parcels take five days", 0), section: "Delivery" }, passage("2", "x", 180)]);
  const [best, worst] = index.search({ text: "parcels take five days", vector: at(0) });
  expect(best).toEqual({
    id: "1",
    text: "Parcels take five days",
    documentId: "d",
    documentName: "d.md",
    chunk: 0,
    section: "Delivery",
    score: 1,
  });
  expect(worst?.score).toBe(0);
});

test("keeps to the limit and the least score", () => {
  const index = createKnowledgeIndex([0, 20, 40, 60, 80].map((degrees) => passage(String(degrees), "text", degrees)));
  expect(index.search({ text: "", vector: at(0), limit: 2 }).map(({ id }) => id)).toEqual(["0", "20"]);
  expect(index.search({ text: "", vector: at(0), minScore: 0.7 }).map(({ id }) => id)).toEqual(["0", "20", "40"]);
  expect(createKnowledgeIndex().search({ text: "x", vector: at(0) })).toEqual([]);
});

test("forgets removed documents entirely and finds the others as before", () => {
  const all = Array.from({ length: 40 }, (_, index) => passage(String(index), `word${index} shared${index % 3}`, index, `d${index % 4}`));
  const index = createKnowledgeIndex(all);
  index.removeDocument("d1");
  const fresh = createKnowledgeIndex(all.filter(({ documentId }) => documentId !== "d1"));
  expect(index.size).toBe(30);
  for (const { text, vector } of all) {
    const order = (results: { id: string; score: number }[]) => results.map(({ id, score }) => `${id} ${score.toFixed(5)}`).toSorted();
    expect(order(index.search({ text, vector, limit: 30 }))).toEqual(order(fresh.search({ text, vector, limit: 30 })));
  }
  index.removeDocument("none");
  for (const documentId of ["d0", "d2", "d3"]) index.removeDocument(documentId);
  expect(index.search({ text: "word1", vector: at(1) })).toEqual([]);
  index.add([passage("9", "word9", 9)]);
  expect(index.search({ text: "word9", vector: at(9) })).toMatchObject([{ id: "9" }]);
});

test("replaces a passage that is added again", () => {
  const index = createKnowledgeIndex([passage("1", "old words", 0)]);
  index.add([passage("1", "new words", 90)]);
  expect(index.size).toBe(1);
  expect(index.search({ text: "old", vector: at(0) })[0]?.score).toBeCloseTo(0);
  expect(index.search({ text: "new", vector: at(90) })[0]).toMatchObject({ text: "new words", score: 1 });
});

test("searches headings too", () => {
  const index = createKnowledgeIndex([
    { ...passage("1", "It takes five days.", 80), section: "Delivery" },
    passage("2", "It takes two weeks.", 79),
  ]);
  expect(index.search({ text: "delivery", vector: at(0) })[0]?.id).toBe("1");
});
