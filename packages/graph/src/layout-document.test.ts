import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { applyOperations } from "./apply-operations.ts";
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

  test("copes with circles", () => {
    const places = positions(
      ["a", "b", "c"].map((id) => ({ id, type: "task" })),
      ["a -> b", "b -> c", "c -> a", "b -> b"],
    );
    expect(new Set([...places.values()].map(({ x }) => x)).size).toBe(3);
  });
});
