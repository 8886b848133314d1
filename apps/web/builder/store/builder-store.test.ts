import { definitions } from "@heddle/nodes/definitions";
import { agentDocument } from "@heddle/schema";
import { expect, test } from "vitest";
import { createBuilderStore } from "./builder-store.ts";

const open = (input: unknown = { nodes: [] }, canEdit = true) =>
  createBuilderStore({ agentId: "a", name: "Agent", document: agentDocument.parse(input), canEdit, registry: definitions }).getState;
const chain = {
  nodes: [
    { id: "chat", type: "chat-trigger", name: "Chat", position: { x: 0, y: 0 } },
    { id: "llm", type: "llm", name: "Model", position: { x: 320, y: 0 }, params: { prompt: "{{ input.message }}" } },
    { id: "reply", type: "reply", name: "Reply", position: { x: 640, y: 0 }, params: { text: "{{ llm.output.text }}" } },
  ],
  edges: [
    { id: "1", source: { node: "chat" }, target: { node: "llm" } },
    { id: "2", source: { node: "llm" }, target: { node: "reply" } },
  ],
};

test("a new node stands beside the selected one, is connected to it and selected", () => {
  const get = open();
  get().addNode("chat-trigger");
  const id = get().addNode("llm");
  expect(id).toBe("llm");
  expect(get().document.edges).toMatchObject([
    { kind: "flow", source: { node: "chat", port: "out" }, target: { node: "llm", port: "in" } },
  ]);
  expect([...get().selectedNodes]).toEqual(["llm"]);
  expect(get().document.nodes[1]?.position.x).toBeGreaterThan(get().document.nodes[0]?.position.x ?? 0);
});

test("adding a node and its wire is one step of undo", () => {
  const get = open({ nodes: [chain.nodes[0]] });
  const before = get().document;
  get().select(["chat"]);
  get().addNode("llm");
  get().undo();
  expect(get().document).toEqual(before);
  get().redo();
  expect(get().document.edges).toHaveLength(1);
});

test("a new node never lies on another", () => {
  const get = open({ nodes: [chain.nodes[0]] });
  for (let count = 0; count < 4; count += 1) {
    get().select(["chat"]);
    get().addNode("llm");
  }
  const places = get().document.nodes.map(({ position }) => `${position.x},${position.y}`);
  expect(new Set(places).size).toBe(5);
});

test("typing in a field is one step of undo", () => {
  const get = open(chain);
  for (const text of ["H", "Ho", "How"]) get().setParam("llm", "system", text);
  expect(get().history.past).toHaveLength(1);
  get().undo();
  expect(get().document.nodes[1]?.params).toEqual({ prompt: "{{ input.message }}" });
});

test("emptying a field takes the param away", () => {
  const get = open(chain);
  get().setParam("llm", "prompt", undefined);
  expect(get().document.nodes[1]?.params).toEqual({});
});

test("deleting a node takes its wires along, and undo brings all back in place", () => {
  const get = open(chain);
  const before = get().document;
  get().remove(["llm"]);
  expect(get().document.edges).toEqual([]);
  get().undo();
  expect(get().document).toEqual(before);
});

test("a refused wire says why and changes nothing", () => {
  const get = open(chain);
  const before = get().document;
  expect(get().connect({ kind: "flow", source: { node: "reply", port: "out" }, target: { node: "llm", port: "in" } })).toMatch(/circle/);
  expect(get().document).toBe(before);
});

test("renaming a node renames it in expressions", () => {
  const get = open(chain);
  get().renameNode("llm", "writer");
  expect(get().document.nodes[2]?.params["text"]).toBe("{{ writer.output.text }}");
  expect([...get().selectedNodes]).toEqual(["writer"]);
  get().undo();
  expect(get().document.nodes[2]?.params["text"]).toBe("{{ llm.output.text }}");
  expect([...get().selectedNodes]).toEqual([]);
});

test("duplicating keeps the originals and selects the copies", () => {
  const get = open(chain);
  get().select(["llm", "reply"]);
  const clip = get().copy();
  if (clip === undefined) throw new Error("something is selected");
  get().paste(clip);
  expect(get().document.nodes.map(({ id }) => id)).toEqual(["chat", "llm", "reply", "llm_2", "reply_2"]);
  expect([...get().selectedNodes]).toEqual(["llm_2", "reply_2"]);
});

test("tidying moves nodes and nothing else, in one step", () => {
  const get = open(chain);
  const before = get().document;
  get().tidy();
  expect(get().document.nodes.map(({ params }) => params)).toEqual(before.nodes.map(({ params }) => params));
  get().undo();
  expect(get().document).toEqual(before);
});

test("taking another document can be undone", () => {
  const get = open(chain);
  const mine = get().document;
  const theirs = agentDocument.parse({ nodes: [{ id: "llm", type: "llm", name: "Theirs" }], variables: [{ name: "x" }] });
  get().replaceDocument(theirs);
  expect(get().document).toEqual(theirs);
  get().undo();
  expect(get().document).toEqual(mine);
});

test("a viewer changes nothing", () => {
  const get = open(chain, false);
  const before = get().document;
  get().addNode("llm");
  get().remove(["llm"]);
  get().setParam("llm", "prompt", "x");
  get().tidy();
  expect(get().document).toBe(before);
});
