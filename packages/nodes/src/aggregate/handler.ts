import { defineHandler } from "@heddle/node-kit";
import { HeddleError, type Json } from "@heddle/schema";
import { compareValues, numberOf } from "../compare-values.ts";
import { itemsOf, readField } from "../list-items.ts";
import { textOf } from "../param-fields.ts";
import { aggregate, calculationName, groupName } from "./definition.ts";

interface Calculation {
  operation: "count" | "sum" | "avg" | "min" | "max" | "collect" | "first" | "last";
  field?: string | undefined;
  name?: string | undefined;
}

export const handler = defineHandler(aggregate, {
  run(context) {
    const { groupBy, calculations } = context.params;
    const groups = new Map<string, { keys: Json[]; items: Json[] }>();
    // Without groups there is one, even of nothing.
    if (groupBy.length === 0) groups.set("[]", { keys: [], items: [] });
    for (const item of itemsOf(context)) {
      const keys = groupBy.map(({ field = "" }) => readField(item, field) ?? null);
      const name = JSON.stringify(keys);
      const group = groups.get(name);
      if (group === undefined) groups.set(name, { keys, items: [item] });
      else group.items.push(item);
    }
    const results = [...groups.values()].map(({ keys, items }): Json => ({
      ...Object.fromEntries(groupBy.map((entry, index) => [groupName(entry), keys[index] ?? null])),
      ...Object.fromEntries(calculations.map((entry) => [calculationName(entry), workOut(entry, items)])),
    }));
    return { output: { groups: results, result: results[0] ?? null, count: results.length } };
  },
});

function workOut({ operation, field = "" }: Calculation, items: Json[]): Json {
  const values = items.map((item) => readField(item, field)).filter((value): value is Json => value !== undefined && value !== null);
  switch (operation) {
    case "count":
      return field === "" ? items.length : values.length;
    case "sum":
      return sumOf(values, field);
    case "avg":
      return values.length === 0 ? null : sumOf(values, field) / values.length;
    case "min":
      return extremeOf(values, -1);
    case "max":
      return extremeOf(values, 1);
    case "collect":
      return values;
    case "first":
      return values[0] ?? null;
    case "last":
      return values.at(-1) ?? null;
  }
}

function sumOf(values: Json[], field: string): number {
  let sum = 0;
  for (const value of values) {
    const number = numberOf(value);
    if (number === undefined) {
      const shown = textOf(value).slice(0, 50);
      throw new HeddleError(
        "param_invalid",
        `${field === "" ? "An item" : `"${field}"`} is ${JSON.stringify(shown)}, which is no number.`,
        {
          hint: "Leave such items out with a filter, or choose another field.",
        },
      );
    }
    sum += number;
  }
  return sum;
}

function extremeOf(values: Json[], sign: number): Json {
  let best: Json | undefined;
  for (const value of values) if (best === undefined || sign * compareValues(value, best) > 0) best = value;
  return best ?? null;
}
