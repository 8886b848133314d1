import { type AgentDocument, agentDocument } from "@heddle/schema";
import { expect, test } from "vitest";
import { isSameJson } from "./is-same-json.ts";
import { createDraftSaver } from "./save-draft.ts";

const draft = (name: string) => agentDocument.parse({ nodes: [{ id: "a", type: "reply", name }] });

/** A server with one agent, whose answers can be lost. */
function bench(config: AgentDocument) {
  const saved = { config, revision: 1 };
  const server = {
    saved,
    losesAnswers: false,
    update: async (next: AgentDocument, revision: number) => {
      if (revision !== saved.revision) throw new Error("conflict");
      Object.assign(saved, { config: structuredClone(next), revision: revision + 1 });
      if (server.losesAnswers) throw new Error("offline");
      return saved.revision;
    },
    read: async () => saved,
    isConflict: (error: unknown) => (error as Error).message === "conflict",
    isUncertain: (error: unknown) => (error as Error).message === "offline",
  };
  return server;
}

test("goes on from its own save whose answer was lost", async () => {
  const server = bench(draft("old"));
  const save = createDraftSaver(server);
  server.losesAnswers = true;
  await expect(save(draft("one"), 1)).rejects.toThrow("offline");
  server.losesAnswers = false;
  expect(await save(draft("two"), 1)).toBe(3);
  expect(server.saved.config).toEqual(draft("two"));
});

test("a draft that is saved already is saved", async () => {
  const server = bench(draft("same"));
  Object.assign(server.saved, { revision: 4 });
  expect(await createDraftSaver(server)(draft("same"), 1)).toBe(4);
});

test("what somebody else saved is never overwritten", async () => {
  const server = bench(draft("old"));
  const save = createDraftSaver(server);
  server.losesAnswers = true;
  await expect(save(draft("one"), 1)).rejects.toThrow("offline");
  Object.assign(server.saved, { config: draft("theirs"), revision: 9 });
  await expect(save(draft("two"), 1)).rejects.toThrow("conflict");
  expect(server.saved.config).toEqual(draft("theirs"));
});

test("compares values, not the order of their properties", () => {
  expect(isSameJson({ a: 1, b: [{ c: null }] }, { b: [{ c: null }], a: 1 })).toBe(true);
  expect(isSameJson({ a: undefined }, {})).toBe(true);
  expect(isSameJson([1, 2], [2, 1])).toBe(false);
  expect(isSameJson([1], [1, 2])).toBe(false);
  expect(isSameJson({ a: null }, {})).toBe(false);
  expect(isSameJson([], {})).toBe(false);
});
