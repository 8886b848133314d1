import { definitions } from "@heddle/nodes/definitions";
import { agentDocument } from "@heddle/schema";
import { expect, test } from "vitest";
import { earlierNodes } from "./earlier-nodes.ts";

test("a go-to can go back to what leads to it in the same place, nearest first, and to no trigger", () => {
  const node = (id: string, type = "format", parent?: string) => ({ id, type, name: id, ...(parent === undefined ? {} : { parent }) });
  const document = agentDocument.parse({
    nodes: [
      node("start", "api-trigger"),
      node("a"),
      node("b"),
      node("loop", "loop"),
      node("inside", "format", "loop"),
      node("back", "goto"),
      node("beside"),
    ],
    edges: [
      ["start", "a"],
      ["a", "b"],
      ["b", "loop"],
      ["loop", "back"],
      ["start", "beside"],
    ].map(([source, target], index) => ({ id: `${index}`, source: { node: source }, target: { node: target } })),
  });
  expect(earlierNodes(document, definitions, "back").map(({ id }) => id)).toEqual(["loop", "b", "a"]);
});
