import type { RowProducts } from "./row-products.ts";

type Numbers = Float32Array | Int8Array | Int32Array;

/** Rows that are multiplied by a loop: what there is without WebAssembly, and what says which products are right. */
export function createPlainRows<Values extends Float32Array | Int8Array, Products extends Numbers>(
  dimensions: number,
  Row: new (length: number) => Values,
  Products: new (length: number) => Products,
): RowProducts<Values, Products> {
  const rows: Values[] = [];
  return {
    set(row, values) {
      checkLength(values, dimensions);
      while (rows.length <= row) rows.push(new Row(dimensions));
      rows[row]!.set(values);
    },
    get: (row) => rows[row]!.slice() as Values,
    products(query, from, to) {
      checkLength(query, dimensions);
      checkRange({ from, to, count: rows.length });
      const products = new Products(Math.max(0, to - from));
      for (let index = 0; index < products.length; index += 1) products[index] = dot(rows[from + index]!, query);
      return products;
    },
  };
}

/** @throws RangeError when there are too many or too few numbers */
export function checkLength(values: Numbers, dimensions: number): void {
  if (values.length !== dimensions) throw new RangeError(`${values.length} numbers for rows of ${dimensions}`);
}

/** @throws RangeError when there are fewer rows */
export function checkRange({ from, to, count }: { from: number; to: number; count: number }): void {
  if (from < 0 || to > count) throw new RangeError(`Rows ${from} to ${to} of ${count}`);
}

function dot(left: Numbers, right: Numbers): number {
  let sum = 0;
  for (let index = 0; index < left.length; index += 1) sum += left[index]! * right[index]!;
  return sum;
}
