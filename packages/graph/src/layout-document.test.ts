import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { applyOperations } from "./apply-operations.ts";
import { boxesOf } from "./container-boxes.ts";
import { layoutDocument } from "./layout-document.ts";
import { documentOf, registry } from "./test-registry.ts";

function positions(...args: Parameters<typeof documentOf>): Map<string, { x: number; y: number }> {
  const document = documentOf(...args);
  const { nodes } = applyOperations(document, [layoutDocument(document, registry)]).document;
  return new Map(nodes.map(({ id, position }) => [id, position]));
}

describe("layoutDocument", () => {
  test("puts a chain on one line from left to right", () => {
    const places = positions(
      [
        { id: "a", type: "start" },
        { id: "b", type: "task" },
        { id: "c", type: "task" },
      ],
      ["a -> b", "b -> c"],
    );
    expect([...places.values()]).toEqual([
      { x: 0, y: 0 },
      { x: 320, y: 0 },
      { x: 640, y: 0 },
    ]);
  });

  test("keeps branches from crossing", () => {
    const places = positions(
      ["a", "up", "down", "down2", "up2", "end"].map((id) => ({ id, type: "task" })),
      ["a -> up", "a -> down", "up -> up2", "down -> down2", "up2 -> end", "down2 -> end"],
    );
    expect(places.get("up2")!.y).toBe(places.get("up")!.y);
    expect(places.get("down2")!.y).toBe(places.get("down")!.y);
  });

  test("hangs attachments below their host", () => {
    const places = positions(
      [
        { id: "a", type: "start" },
        { id: "m", type: "model" },
        { id: "t", type: "task" },
        { id: "n", type: "memory" },
      ],
      ["a -> m", "t ~> m:tools", "n ~> m:memory"],
    );
    const host = places.get("m")!;
    expect(places.get("t")).toEqual({ x: host.x, y: host.y + 160 });
    expect(places.get("n")).toEqual({ x: host.x, y: host.y + 320 });
  });

  test("never lays one node over another, leads every flow to the right, and is always the same", () => {
    const size = 10;
    const pair = fc.tuple(fc.nat(size - 1), fc.nat(size - 1));
    fc.assert(
      fc.property(fc.array(pair, { maxLength: 20 }), fc.array(pair, { maxLength: 6 }), (flows, lends) => {
        const nodes = Array.from({ length: size }, (_, index) => ({ id: `n${index}`, type: "model" }));
        const forward = flows.filter(([from, to]) => from < to).map(([from, to]) => `n${from} -> n${to}`);
        const edges = [...forward, ...lends.map(([guest, host]) => `n${guest} ~> n${host}:tools`)];
        const places = positions(nodes, edges);
        expect(new Set([...places.values()].map(({ x, y }) => `${x},${y}`)).size).toBe(size);
        for (const [from, to] of flows) if (from < to) expect(places.get(`n${from}`)!.x).toBeLessThan(places.get(`n${to}`)!.x);
        expect(positions(nodes, edges)).toEqual(places);
      }),
    );
  });

  const nested = [
    { id: "start", type: "start" },
    { id: "outer", type: "map" },
    { id: "a", type: "task", parent: "outer" },
    { id: "loop", type: "loop", parent: "outer" },
    { id: "b", type: "task", parent: "loop" },
    { id: "c", type: "model", parent: "loop" },
    { id: "tool", type: "task", parent: "loop" },
    { id: "beside", type: "task" },
    { id: "empty", type: "loop" },
    { id: "end", type: "task" },
  ];
  const nestedEdges = ["start -> outer", "start -> beside", "a -> loop", "b -> c", "tool ~> c:tools", "outer -> end", "beside -> empty"];

  test("lays out what lives in a container inside its box, and other boxes beside it", () => {
    const document = documentOf(nested, nestedEdges);
    const laid = applyOperations(document, [layoutDocument(document, registry)]).document;
    const boxes = boxesOf(laid, registry);
    const boxOf = (id: string) => boxes.get(id) ?? { ...laid.nodes.find((node) => node.id === id)!.position, width: 240, height: 100 };
    for (const { id, parent } of laid.nodes) {
      for (const other of laid.nodes)
        if (other.parent === parent && other.id !== id) expect(areApart(boxOf(id), boxOf(other.id)), `${id} ${other.id}`).toBe(true);
      if (parent !== undefined) expect(isWithin(boxOf(id), boxOf(parent)), `${id} in ${parent}`).toBe(true);
    }
    expect(boxOf("outer").x + boxOf("outer").width).toBeLessThan(boxOf("end").x);
    expect(boxOf("a").x).toBeLessThan(boxOf("loop").x);
    // The box is around what is in it and begins where the container itself stands.
    expect(boxOf("outer")).toMatchObject(laid.nodes.find(({ id }) => id === "outer")!.position);
  });

  test("copes with circles", () => {
    const places = positions(
      ["a", "b", "c"].map((id) => ({ id, type: "task" })),
      ["a -> b", "b -> c", "c -> a", "b -> b"],
    );
    expect(new Set([...places.values()].map(({ x }) => x)).size).toBe(3);
  });
});

interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

function areApart(left: Box, right: Box): boolean {
  return (
    left.x + left.width <= right.x || right.x + right.width <= left.x || left.y + left.height <= right.y || right.y + right.height <= left.y
  );
}

function isWithin(inner: Box, outer: Box): boolean {
  return (
    inner.x > outer.x &&
    inner.y > outer.y &&
    inner.x + inner.width < outer.x + outer.width &&
    inner.y + inner.height < outer.y + outer.height
  );
}
