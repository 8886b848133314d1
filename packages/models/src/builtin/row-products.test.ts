import * as fc from "fast-check";
import { afterEach, expect, test, vi } from "vitest";
import { createPlainRows } from "./plain-rows.ts";
import { createByteRows, createFloatRows } from "./row-products.ts";
import { BYTES, createSimdRows, FLOATS } from "./simd-rows.ts";

afterEach(() => vi.unstubAllGlobals());

/** Some rows of one length, and a query for them. */
function tables<T>(numbers: (length: number) => fc.Arbitrary<T>): fc.Arbitrary<{ dimensions: number; rows: T[]; query: T }> {
  return fc.integer({ min: 1, max: 150 }).chain((dimensions) =>
    fc.record({
      dimensions: fc.constant(dimensions),
      rows: fc.array(numbers(dimensions), { minLength: 1, maxLength: 20 }),
      query: numbers(dimensions),
    }),
  );
}
const floats = (length: number) =>
  fc.float32Array({ minLength: length, maxLength: length, min: -1_000, max: 1_000, noNaN: true, noDefaultInfinity: true });
const bytes = (length: number) => fc.int8Array({ minLength: length, maxLength: length });

test("multiplies bytes exactly as a loop does", () => {
  fc.assert(
    fc.property(tables(bytes), fc.nat(19), ({ dimensions, rows, query }, start) => {
      const simd = createSimdRows(BYTES, dimensions);
      const plain = createPlainRows(dimensions, Int8Array, Int32Array);
      for (const [row, values] of rows.entries()) for (const each of [simd, plain]) each.set(row, values);
      const from = Math.min(start, rows.length);
      expect(simd.products(query, from, rows.length)).toEqual(plain.products(query, from, rows.length));
    }),
  );
});

test("multiplies floats as a loop does, but for the last digits", () => {
  fc.assert(
    fc.property(tables(floats), fc.nat(19), ({ dimensions, rows, query }, start) => {
      const simd = createSimdRows(FLOATS, dimensions);
      const plain = createPlainRows(dimensions, Float32Array, Float32Array);
      for (const [row, values] of rows.entries()) for (const each of [simd, plain]) each.set(row, values);
      const from = Math.min(start, rows.length);
      const expected = plain.products(query, from, rows.length);
      for (const [index, product] of simd.products(query, from, rows.length).entries()) {
        const size = rows[from + index]!.reduce((sum, value, place) => sum + Math.abs(value * query[place]!), 0);
        expect(Math.abs(product - expected[index]!)).toBeLessThanOrEqual(1e-5 * size + 1e-30);
      }
    }),
  );
});

test("takes the largest numbers there are", () => {
  const rows = createSimdRows(BYTES, 384);
  rows.set(0, new Int8Array(384).fill(-128));
  rows.set(1, new Int8Array(384).fill(127));
  expect(rows.products(new Int8Array(384).fill(-128), 0, 2)).toEqual(Int32Array.of(384 * 128 * 128, -384 * 128 * 127));
});

test("keeps what is there when it grows, and multiplies more rows than fit in one go", () => {
  const rows = createFloatRows(384);
  const one = (row: number) => new Float32Array(384).fill(row % 7);
  for (let row = 0; row < 2_500; row += 1) rows.set(row, one(row));
  rows.set(2_501, one(1));
  expect(rows.products(new Float32Array(384).fill(1), 3, 2_502)).toEqual(
    Float32Array.from({ length: 2_499 }, (_, index) => (index === 2_497 ? 0 : index === 2_498 ? 384 : 384 * ((index + 3) % 7))),
  );
  const copy = rows.get(1_200);
  expect(copy).toEqual(one(1_200));
  copy.fill(9);
  rows.set(1_201, one(2));
  expect(rows.get(1_200)).toEqual(one(1_200));
  expect(rows.get(1_201)).toEqual(one(2));
});

test("refuses rows that are not there and numbers that are too many or too few", () => {
  for (const rows of [createByteRows(4), createPlainRows(4, Int8Array, Int32Array)]) {
    rows.set(1, Int8Array.of(1, 2, 3, 4));
    const query = Int8Array.of(1, 1, 1, 1);
    expect([...rows.products(query, 0, 2)]).toEqual([0, 10]);
    expect([...rows.products(query, 2, 2)]).toEqual([]);
    expect(() => rows.products(query, 0, 3)).toThrow(RangeError);
    expect(() => rows.products(query, -1, 1)).toThrow(RangeError);
    expect(() => rows.products(Int8Array.of(1, 1, 1), 0, 2)).toThrow(RangeError);
    expect(() => rows.set(0, Int8Array.of(1, 1, 1, 1, 1))).toThrow(RangeError);
  }
});

/** 2²⁴ + 1 - 2²⁴ is 0 in floats of 32 bits and 1 in those of 64, of which a loop makes its sums. */
function isMultipliedByLoop(): boolean {
  const values = new Float32Array(48);
  values.set([2 ** 24], 0);
  values.set([1], 16);
  values.set([-(2 ** 24)], 32);
  const rows = createFloatRows(48);
  rows.set(0, values);
  return rows.products(new Float32Array(48).fill(1), 0, 1)[0] === 1;
}

test("multiplies by a loop only where no memory is given", () => {
  expect(isMultipliedByLoop()).toBe(false);
  const Memory = function refuse(): never {
    throw new RangeError("WebAssembly.Memory(): could not allocate memory");
  };
  vi.stubGlobal("WebAssembly", { ...WebAssembly, Memory, Module: WebAssembly.Module, Instance: WebAssembly.Instance });
  expect(isMultipliedByLoop()).toBe(true);
  const rows = createByteRows(2);
  rows.set(0, Int8Array.of(3, 4));
  expect(rows.products(Int8Array.of(10, 1), 0, 1)).toEqual(Int32Array.of(34));
});
