import { definitions } from "@heddle/nodes/definitions";
import { agentDocument } from "@heddle/schema";
import { describe, expect, test } from "vitest";
import { readClip } from "../model/clipboard.ts";
import { createBuilderStore } from "./builder-store.ts";

const open = (input: unknown) =>
  createBuilderStore({ agentId: "a", name: "Agent", document: agentDocument.parse(input), canEdit: true, registry: definitions }).getState;
const flow = (source: string, target: string) => ({
  id: `f:${source}.out>${target}.in`,
  source: { node: source, port: "out" },
  target: { node: target, port: "in" },
});
const at = (id: string, type: string, x: number, rest: object = {}) => ({ id, type, name: id, position: { x, y: 0 }, ...rest });

/** A trigger, a loop with a node inside, a reply. */
const looped = {
  nodes: [
    at("start", "api-trigger", 0),
    at("loop", "loop", 400, { params: { items: [1, 2] } }),
    at("step", "format", 440, { parent: "loop", position: { x: 440, y: 80 } }),
    at("other", "format", 0, { position: { x: 0, y: 400 } }),
    at("reply", "reply", 760),
  ],
  edges: [flow("start", "loop"), flow("loop", "reply"), flow("start", "other")],
};

const node = (get: ReturnType<typeof open>, id: string) => get().nodesById.get(id)!;
const edges = (get: ReturnType<typeof open>) => get().document.edges.map(({ id }) => id);

describe("adding", () => {
  test("with a container selected, the first node stands inside it and the next is connected to it", () => {
    const get = open({ nodes: [at("loop", "loop", 0)], edges: [] });
    get().select(["loop"]);
    const first = get().addNode("format")!;
    expect(node(get, first)).toMatchObject({ parent: "loop", position: { x: 40, y: 80 } });
    expect(edges(get)).toEqual([]);
    get().select(["loop"]);
    const second = get().addNode("llm")!;
    expect(node(get, second).parent).toBe("loop");
    expect(edges(get)).toEqual([`f:${first}.out>${second}.in`]);
    get().undo();
    expect(get().nodesById.has(second)).toBe(false);
  });

  test("beside a node inside stays inside; what answers the run goes after the container", () => {
    const get = open({ nodes: looped.nodes.slice(0, 3), edges: [flow("start", "loop")] });
    get().select(["step"]);
    expect(node(get, get().addNode("format")!).parent).toBe("loop");
    get().select(["step"]);
    const reply = get().addNode("reply")!;
    expect(node(get, reply).parent).toBeUndefined();
    expect(edges(get)).toContain(`f:loop.out>${reply}.in`);
  });

  test("where it is dropped decides, and what stands right of the container makes room", () => {
    const far = at("far", "format", 800, { position: { x: 800, y: -600 } });
    const get = open({ ...looped, nodes: [...looped.nodes, far] });
    const inside = get().addNode("format", { position: { x: 560, y: 90 } })!;
    expect(node(get, "far").position, "what is not in the way stays").toEqual(far.position);
    expect(node(get, inside).parent).toBe("loop");
    const box = get().boxes.get("loop")!;
    expect(node(get, "reply").position.x).toBeGreaterThanOrEqual(box.x + box.width);
    expect(node(get, get().addNode("format", { position: { x: 0, y: 900 } })!).parent).toBeUndefined();
  });
});

describe("dragging", () => {
  test("onto a container goes in and drops the connections that would cross, as one step of undo", () => {
    const get = open(looped);
    const before = get().document;
    expect(get().move(new Map([["other", { x: 470, y: 120 }]]), true)).toEqual({ lostEdges: 1 });
    expect(node(get, "other").parent).toBe("loop");
    expect(edges(get)).not.toContain("f:start.out>other.in");
    get().undo();
    expect(get().document).toEqual(before);
  });

  test("out of a container leaves it", () => {
    const get = open(looped);
    get().move(new Map([["step", { x: 440, y: 800 }]]), true);
    expect(node(get, "step").parent).toBeUndefined();
  });

  test("by arrow keys changes the place only", () => {
    const get = open(looped);
    get().move(new Map([["step", { x: 440, y: 800 }]]));
    expect(node(get, "step").parent).toBe("loop");
  });

  test("a container takes along what is in it", () => {
    const get = open(looped);
    const box = get().boxes.get("loop")!;
    get().move(new Map([["loop", { x: box.x + 80, y: box.y - 16 }]]), true);
    expect(node(get, "loop").position).toEqual({ x: 480, y: -16 });
    expect(node(get, "step")).toMatchObject({ parent: "loop", position: { x: 520, y: 64 } });
  });

  test("a trigger into a container is refused in the validator's words, and nothing moves", () => {
    const get = open(looped);
    const before = get().document;
    expect(get().move(new Map([["start", { x: 470, y: 100 }]]), true).refusal).toMatch(/starts runs, so it can't live in "loop"/);
    expect(get().document).toBe(before);
  });
});

test("a connection across the border is refused in the validator's words", () => {
  const get = open(looped);
  const refusal = get().connect({ kind: "flow", source: { node: "other", port: "out" }, target: { node: "step", port: "in" } });
  expect(refusal).toMatch(/lives in "loop", where connections from outside don't lead/);
});

test("the menu moves in and out, to a free place", () => {
  const get = open(looped);
  get().moveInto(["other"], "loop");
  expect(node(get, "other").parent).toBe("loop");
  const box = get().boxes.get("loop")!;
  expect(node(get, "other").position.x).toBeGreaterThan(node(get, "step").position.x);
  expect(node(get, "other").position.x + 248).toBeLessThanOrEqual(box.x + box.width);
  get().moveInto(["other"], undefined);
  expect(node(get, "other").parent).toBeUndefined();
});

test("deleting takes what is inside, dissolving keeps it and leads the flow through it", () => {
  const get = open(looped);
  get().remove(["loop"]);
  expect(get().nodesById.has("step")).toBe(false);
  get().undo();
  get().dissolve("loop");
  expect(node(get, "step").parent).toBeUndefined();
  expect(edges(get)).toEqual(expect.arrayContaining(["f:start.out>step.in", "f:step.out>reply.in"]));
  get().undo();
  expect(node(get, "step").parent).toBe("loop");
});

test("a copied container takes its insides along, into the copy", () => {
  const get = open(looped);
  get().select(["loop"]);
  const clip = readClip(JSON.stringify(get().copy()))!;
  expect(clip.nodes.map(({ id }) => id)).toEqual(["loop", "step"]);
  get().paste(clip);
  expect(node(get, "step_2").parent).toBe("loop_2");
  // A node by itself stays where it was copied, and at the top where there is no such container.
  get().select(["step"]);
  const single = get().copy()!;
  get().paste(single);
  expect(node(get, "step_3").parent).toBe("loop");
  const elsewhere = open({ nodes: [] });
  elsewhere().paste(single);
  expect(node(elsewhere, "step").parent).toBeUndefined();
});
