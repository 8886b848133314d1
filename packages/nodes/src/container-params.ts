import type { JsonSchema } from "@heddle/schema";
import { anything, integer, listOf, objectSchema } from "./output-schemas.ts";
import { choiceField } from "./param-fields.ts";

/** What happens when one round or item fails. */
export function itemErrorField(label: string) {
  return choiceField({ label, isAdvanced: true }, [
    { value: "fail", label: "End the run with its error" },
    { value: "continue", label: "Go on with the others" },
  ]);
}

/** Output of a container before it is known what its rounds give: the validator fills that in. */
export function containerOutput(collect: unknown): JsonSchema {
  return objectSchema({ items: collect === false ? { type: "array", maxItems: 0 } : listOf(anything), count: integer, failed: integer });
}
