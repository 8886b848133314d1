import { expect, test } from "vitest";
import { freshStateField, withReducer } from "./state-fields.ts";

test("a new state value takes the wanted name where it can, else one that is free", () => {
  const first = freshStateField([]);
  expect(first).toEqual({ name: "value1", initial: null, reducer: "replace" });
  expect(freshStateField([first]).name).toBe("value2");
  expect(freshStateField([first], "total").name).toBe("total");
  expect(freshStateField([first], "value1").name).toBe("value2");
  expect(freshStateField([first], "not a name").name).toBe("value2");
});

test("another reducer keeps an initial value only where it can start from it", () => {
  const list = { name: "seen", initial: [1], reducer: "append" as const };
  expect(withReducer(list, "add").initial).toBeNull();
  expect(withReducer(list, "replace").initial).toEqual([1]);
  expect(withReducer({ name: "sum", initial: 3, reducer: "add" }, "append").initial).toBeNull();
});
