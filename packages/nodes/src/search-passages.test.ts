import type { KnowledgePort, Passage } from "@heddle/node-kit";
import { expect, test } from "vitest";
import { searchPassages, type PassageSearch } from "./search-passages.ts";

const passage = (documentId: string, chunk: number, score: number): Passage => ({
  documentId,
  documentName: `${documentId}.md`,
  chunk,
  text: `${documentId} ${chunk}`,
  score,
});
type Query = Parameters<KnowledgePort["search"]>[0];

/** Searches where each query finds what is given for it. */
async function search(params: Partial<PassageSearch>, finds: Record<string, Passage[]>): Promise<{ found: string[]; queries: Query[] }> {
  const queries: Query[] = [];
  const port: KnowledgePort = {
    search: async (query) => {
      queries.push(query);
      return finds[query.query] ?? [];
    },
  };
  const signal = new AbortController().signal;
  const passages = await searchPassages(port, { knowledgeBaseId: "base", limit: 3, ...params }, { question: "why", signal });
  return { found: passages.map(({ documentId, chunk, score }) => `${documentId}/${chunk} ${score.toFixed(2)}`), queries };
}

test("asks for the question alone where no topic is known", async () => {
  for (const topic of [undefined, "", " ?_"]) {
    const { found, queries } = await search({ topic, minScore: 0.3 }, { why: [passage("a", 0, 0.9)] });
    expect(found).toEqual(["a/0 0.90"]);
    expect(queries).toMatchObject([{ query: "why", limit: 3, minScore: 0.3 }]);
  }
});

test("takes the mean of what question and topic find, passage by passage", async () => {
  const why = [passage("a", 0, 0.9), passage("b", 1, 0.6), passage("a", 2, 0.5), passage("d", 0, 0.1)];
  const cardArrival = [passage("b", 1, 0.8), passage("c", 2, 0.7), passage("a", 2, 0.6), passage("c", 0, 0.2)];
  const finds = { why, "card arrival": cardArrival };
  const { found, queries } = await search({ topic: "card_arrival", limit: 10 }, finds);
  expect(found).toEqual(["b/1 0.70", "a/2 0.55", "a/0 0.45", "c/2 0.35", "c/0 0.10", "d/0 0.05"]);
  expect(queries.map(({ limit }) => limit)).toEqual([50, 50]);
  expect((await search({ topic: "card_arrival" }, finds)).found).toEqual(["b/1 0.70", "a/2 0.55", "a/0 0.45"]);
  expect((await search({ topic: "card_arrival", minScore: 0.5 }, finds)).found).toEqual(["b/1 0.70", "a/2 0.55"]);
});

test("leaves the passages that it was given as they are", async () => {
  const given = passage("a", 0, 0.9);
  expect((await search({ topic: "x" }, { why: [given], x: [] })).found).toEqual(["a/0 0.45"]);
  expect(given.score).toBe(0.9);
});
