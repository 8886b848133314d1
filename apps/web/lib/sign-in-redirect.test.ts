import { expect, test } from "vitest";
import { nextPath } from "./sign-in-redirect.ts";

test("goes back to where one was", () => {
  expect(nextPath("?next=%2Fbuilder%3Fagent%3D1")).toBe("/builder?agent=1");
  expect(nextPath("")).toBe("/agents");
});

test("never leads to another site", () => {
  for (const next of ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "evil"]) {
    expect(nextPath(`?next=${encodeURIComponent(next)}`), next).toBe("/agents");
  }
});
