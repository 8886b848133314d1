import type { StepContext } from "@heddle/node-kit";
import { HeddleError, isRecord, type Json, type JsonSchema } from "@heddle/schema";
import { valueOrArrival } from "./step-input.ts";

/**
 * A list, or what the nodes that give lists give: `{ items }`.
 * @throws HeddleError param_invalid for anything else; `what` begins the sentence
 */
export function listFrom(value: Json, what: string): Json[] {
  if (Array.isArray(value)) return value;
  if (isRecord(value) && Array.isArray(value["items"])) return value["items"] as Json[];
  const found = value === null ? "nothing" : isRecord(value) ? "an object" : `a ${typeof value === "string" ? "text" : typeof value}`;
  throw new HeddleError("param_invalid", `${what} is ${found}, not a list.`, {
    hint: "Use an expression that gives a list, for example {{ input.orders }}.",
  });
}

/** The list of a step: its param `items`, or what arrives. @throws HeddleError param_invalid */
export function itemsOf<P extends { items?: unknown }>(context: StepContext<P>): Json[] {
  return listFrom(valueOrArrival(context, "items"), Object.hasOwn(context.params, "items") ? "List" : "What arrives");
}

/** A field of an item by its path: `total`, `customer.email`, `lines.0.sku`; the item itself for an empty path. */
export function readField(item: Json, path: string): Json | undefined {
  if (path.trim() === "") return item;
  let current: Json | undefined = item;
  for (const part of path.trim().split(".")) {
    if (Array.isArray(current)) current = /^\d+$/.test(part) ? current[Number(part)] : undefined;
    else if (isRecord(current) && Object.hasOwn(current, part)) current = current[part] as Json;
    else return undefined;
  }
  return current;
}

/** What the items of a list type, or of `{ items }`, are; `{}` where that is not known. */
export function itemSchemaOf(list: JsonSchema | undefined): JsonSchema {
  if (list === undefined) return {};
  if (list.type === "array") return isRecord(list.items) ? list.items : {};
  const items = list.type === "object" && isRecord(list.properties) ? list.properties["items"] : undefined;
  return items === undefined ? {} : itemSchemaOf(items.type === "array" ? items : undefined);
}

/** The type of a step's items, from its param `items` or from what arrives. */
export function stepItemSchema(params: { items?: unknown }, typeOf: ((param?: string) => JsonSchema) | undefined): JsonSchema {
  const isGiven = params.items !== undefined && params.items !== "";
  return itemSchemaOf(isGiven ? typeOf?.("items") : typeOf?.());
}

/** What a field of an item is, by its path, as far as the item's type says. */
export function fieldSchema(item: JsonSchema, path: string): JsonSchema {
  let current = item;
  if (path.trim() === "") return current;
  for (const part of path.trim().split(".")) {
    const properties: Record<string, JsonSchema> = isRecord(current.properties) ? current.properties : {};
    const next = current.type === "array" ? current.items : Object.hasOwn(properties, part) ? properties[part] : undefined;
    if (!isRecord(next)) return {};
    current = next;
  }
  return current;
}
