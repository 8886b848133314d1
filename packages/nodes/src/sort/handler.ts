import { defineHandler } from "@heddle/node-kit";
import type { Json } from "@heddle/schema";
import { compareValues } from "../compare-values.ts";
import { itemsOf, readField } from "../list-items.ts";
import { sort } from "./definition.ts";

export const handler = defineHandler(sort, {
  run(context) {
    const { by, limit } = context.params;
    const criteria = by.map(({ field = "", direction }) => ({ field, sign: direction === "descending" ? -1 : 1 }));
    const rows = itemsOf(context).map((item) => ({ item, values: criteria.map(({ field }) => readField(item, field) ?? null) }));
    rows.sort((left, right) => {
      for (const [place, { sign }] of criteria.entries()) {
        const order = compareFields(left.values[place] ?? null, right.values[place] ?? null, sign);
        if (order !== 0) return order;
      }
      return 0;
    });
    const items = (limit === undefined ? rows : rows.slice(0, limit)).map(({ item }) => item);
    return { output: { items, count: items.length } };
  },
});

/** What is not there comes last, whichever way the rest goes. */
function compareFields(left: Json, right: Json, sign: number): number {
  if (left === null || right === null) return Number(left === null) - Number(right === null);
  return sign * compareValues(left, right);
}
