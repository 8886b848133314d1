import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";

const read = (path: string) => readFile(new URL(path, import.meta.url), "utf8");

/** For tests alone, and refused in production. */
const INTERNAL = ["HEDDLE_STOP_AT"];

it("the README lists every variable that is read, and no other", async () => {
  const variables = [...(await read("./config.ts")).matchAll(/^ {2}([A-Z][A-Z0-9_]+): /gm)].map(([, name]) => name ?? "");
  const settings = /^## Settings$([\s\S]*?)^## /m.exec(await read("../../../README.md"))?.[1] ?? "";
  const firstCells = [...settings.matchAll(/^\| ([^|]*) \|/gm)].map(([, cell]) => cell ?? "").join(" ");
  const listed = [...firstCells.matchAll(/`([A-Z][A-Z0-9_]+)`/g)].map(([, name]) => name ?? "");
  expect(listed.toSorted()).toEqual(variables.filter((name) => !INTERNAL.includes(name)).toSorted());
});
