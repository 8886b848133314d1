import { defineHandler } from "@heddle/node-kit";
import { itemsOf, readField } from "../list-items.ts";
import { jsonValue } from "../json-value.ts";
import { filter } from "./definition.ts";
import { prepareTest } from "./test-item.ts";

export const handler = defineHandler(filter, {
  run(context) {
    const { rules, match } = context.params;
    const list = itemsOf(context);
    const tests = rules.map(({ field = "", operator, value }) => ({ field, isFit: prepareTest(operator, jsonValue(value)) }));
    const items = list.filter((item) =>
      match === "any"
        ? tests.some(({ field, isFit }) => isFit(readField(item, field)))
        : tests.every(({ field, isFit }) => isFit(readField(item, field))),
    );
    return { output: { items, count: items.length, dropped: list.length - items.length } };
  },
});
