import { definitions } from "@heddle/nodes/definitions";
import { expect, test } from "vitest";
import { NODE_ICONS } from "./node-icons.ts";

test("has the icon of every node type", () => {
  expect([...definitions.values()].map(({ icon }) => icon).filter((icon) => !(icon in NODE_ICONS))).toEqual([]);
});
