import type { Json } from "@heddle/schema";

/** What was found: the first value, all of them, and the first match's named groups. */
export interface Extraction {
  value: Json;
  values: Json[];
  groups: Record<string, string>;
}
