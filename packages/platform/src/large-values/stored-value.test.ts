import type { Json } from "@heddle/schema";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fitsInto, fromStoredInline, referenceOf, toStoredInline, toStoredReference } from "./stored-value.ts";

const reference = { sha256: "0".repeat(64), bytes: 300_000, preview: "[1" };

describe("what is stored", () => {
  test.for([
    { $file: reference },
    { $file: null },
    { $file: null, value: 1 },
    { $file: { $file: reference } },
    { $file: 1, other: 2 },
    JSON.parse('{"__proto__":{"$file":1}}') as Json,
    null,
    "text",
    [{ $file: reference }],
  ] satisfies Json[])("never takes %j of somebody else's for a reference, and gives it back", (value) => {
    const stored = toStoredInline(value as Json);
    expect(referenceOf(stored)).toBeUndefined();
    expect(fromStoredInline(stored)).toEqual(value);
  });

  test("gives back any JSON that was put in, through text and from it", () => {
    const key = fc.oneof(fc.constantFrom("$file", "value", "sha256"), fc.string());
    const { tree } = fc.letrec<{ tree: Json }>((tie) => ({
      tree: fc.oneof({ depthSize: "small" }, fc.string(), fc.integer(), fc.boolean(), fc.constant(null), fc.array(tie("tree")), fc.dictionary(key, tie("tree"))),
    })); // prettier-ignore
    fc.assert(
      fc.property(tree, (value) => {
        const stored = JSON.parse(JSON.stringify(toStoredInline(value))) as Json;
        expect(referenceOf(stored)).toBeUndefined();
        expect(JSON.stringify(fromStoredInline(stored))).toBe(JSON.stringify(value));
      }),
    );
  });

  test("knows a reference of ours", () => {
    expect(referenceOf(JSON.parse(JSON.stringify(toStoredReference(reference))) as Json)).toEqual(reference);
  });
});

describe("the size of a value", () => {
  test.for([
    ["ASCII", "a".repeat(98)],
    ["two bytes a character", "ä".repeat(49)],
    ["six bytes a character", "\u0001".repeat(16) + "ab"],
    ["a list", [...Array.from({ length: 32 }, () => 12), 1]],
  ] as [string, Json][])("is exact to the byte: %s", ([, value]) => {
    const size = Buffer.byteLength(JSON.stringify(value));
    expect(size).toBeGreaterThan(90);
    expect(fitsInto(size, value)).toBe(true);
    expect(fitsInto(size - 1, value)).toBe(false);
  });

  test("is never taken for less than it is", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat(200), (value, max) => {
        expect(fitsInto(max, value as Json)).toBe(Buffer.byteLength(JSON.stringify(value)) <= max);
      }),
    );
  });
});
