import { expect, test } from "vitest";
import { rankMatches } from "./rank-matches.ts";

const names = ["Knowledge search", "Search", "Research notes", "HTTP request"];

test("puts the best match first and leaves out what doesn't match", () => {
  expect(rankMatches(names, "search", (name) => name)).toEqual(["Search", "Knowledge search", "Research notes"]);
});

test("keeps the order of an empty query and finds letters in order", () => {
  expect(rankMatches(names, " ", (name) => name)).toEqual(names);
  expect(rankMatches(names, "htrq", (name) => name)).toEqual(["HTTP request"]);
});
