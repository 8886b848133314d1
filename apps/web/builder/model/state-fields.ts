import { identifier, type StateField } from "@heddle/schema";

/** A new state value, with a name that is wanted or one that is free. */
export function freshStateField(fields: readonly StateField[], wanted?: string): StateField {
  const taken = new Set(fields.map(({ name }) => name));
  if (wanted !== undefined && identifier.safeParse(wanted).success && !taken.has(wanted))
    return { name: wanted, initial: null, reducer: "replace" };
  let number = 1;
  while (taken.has(`value${number}`)) number += 1;
  return { name: `value${number}`, initial: null, reducer: "replace" };
}

/** The state value under another reducer, with an initial value that it can start from. */
export function withReducer(field: StateField, reducer: StateField["reducer"]): StateField {
  const fits =
    field.initial === null ||
    (reducer === "append" ? Array.isArray(field.initial) : reducer === "add" ? typeof field.initial === "number" : true);
  return { ...field, reducer, initial: fits ? field.initial : null };
}
