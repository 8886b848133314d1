import { HeddleError, type Json } from "@heddle/schema";
import type { Script } from "./scripted-nodes.ts";

/** Parts of scripted documents with loops and maps, as `documentOf` takes them. */
export const forEach = (items: Json, params: Record<string, Json> = {}) => ({
  type: "loop",
  params: { mode: "forEach", items, ...params },
});
export const count = (rounds: Json, params: Record<string, Json> = {}) => ({
  type: "loop",
  params: { mode: "count", count: rounds, ...params },
});
export const map = (items: Json, params: Record<string, Json> = {}) => ({ type: "map", params: { items, ...params } });
export const value = (template: string) => ({ params: { value: template } });
export const inside = (parent: string, node: object = {}) => ({ ...node, parent });

/** What is written in a node's `value`, and a failure where that is "fail". */
export const failing: Script = (context) => {
  if (context.params.value === "fail") throw new HeddleError("http_failed", "Away.");
  return { output: context.params.value as Json };
};
