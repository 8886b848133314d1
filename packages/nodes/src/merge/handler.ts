import { defineHandler } from "@heddle/node-kit";
import { merge } from "./definition.ts";

/** The runtime does the waiting; what is left is the shape of the output. */
export const handler = defineHandler(merge, {
  run({ params, arrivals }) {
    const arrived = arrivals["in"] ?? [];
    if (params.mode !== "all") return { output: arrived[0]?.value ?? null };
    return { output: { branches: Object.fromEntries(arrived.map(({ nodeId, value }) => [nodeId, value])) } };
  },
});
