import { defineHandler } from "@heddle/node-kit";
import type { Json } from "@heddle/schema";
import { merge } from "./definition.ts";
import { joinByKey } from "./join-by-key.ts";

/** The runtime does the waiting; what is left is the shape of the output. */
export const handler = defineHandler(merge, {
  run({ params, arrivals }) {
    const arrived = arrivals["in"] ?? [];
    const branches: Record<string, Json> = Object.fromEntries(arrived.map(({ nodeId, value }) => [nodeId, value]));
    switch (params.mode) {
      case "any":
      case "first":
        return { output: arrived[0]?.value ?? null };
      case "firstN":
        return { output: { values: arrived.map(({ value }) => value), branches } };
      case "byKey": {
        const items = joinByKey(branches, { key: params.key ?? "", keepsUnmatched: params.unmatched === "keep" });
        return { output: { items, count: items.length } };
      }
      default:
        return { output: { branches } };
    }
  },
});
