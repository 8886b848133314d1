import { createPlainRows } from "./plain-rows.ts";
import { BYTES, createSimdRows, FLOATS } from "./simd-rows.ts";

/** Rows of numbers that one query after another is multiplied with. */
export interface RowProducts<Values, Products> {
  /** Fills a row; one that is passed over has zeros. @throws RangeError when there are too many or too few numbers */
  set(row: number, values: Values): void;
  /** A copy of a row. */
  get(row: number): Values;
  /** Dot products of the query with rows from…to-1. @throws RangeError when there are fewer rows, or the query has another length */
  products(query: Values, from: number, to: number): Products;
}

/** For floats. Sums are of 32 bits, sixteen at a time, so their last digits are not those of a loop. */
export function createFloatRows(dimensions: number): RowProducts<Float32Array, Float32Array> {
  return wherePossible(
    () => createSimdRows(FLOATS, dimensions),
    () => createPlainRows(dimensions, Float32Array, Float32Array),
  );
}

/** For whole numbers of 8 bits, up to 100,000 a row. Products are exact. */
export function createByteRows(dimensions: number): RowProducts<Int8Array, Int32Array> {
  return wherePossible(
    () => createSimdRows(BYTES, dimensions),
    () => createPlainRows(dimensions, Int8Array, Int32Array),
  );
}

/**
 * WebAssembly reserves 8 GB of addresses for each memory, however little it uses, which a host may forbid (`ulimit -v`); and
 * old processors lack the vector instructions.
 */
function wherePossible<T>(createFast: () => T, createSlow: () => T): T {
  try {
    return createFast();
  } catch (error) {
    if (error instanceof RangeError || error instanceof WebAssembly.CompileError) return createSlow();
    throw error;
  }
}
