import { runNode } from "@heddle/testing/node-context";
import { describe, expect, it } from "vitest";
import { setState } from "./definition.ts";
import { handler } from "./handler.ts";

describe("set-state", () => {
  it("hands its updates to the run, in their order", async () => {
    const updates = [{ name: "total", value: 5 }, { name: "found", value: { a: 1 } }, { name: "nothing" }];
    expect(await runNode(setState, handler, { params: { updates } })).toMatchObject({
      state: [
        { name: "total", value: 5 },
        { name: "found", value: { a: 1 } },
        { name: "nothing", value: null },
      ],
      output: { total: 5, found: { a: 1 }, nothing: null },
    });
  });

  it.each<[string, object[]]>([
    ["no update", []],
    ["an update without a name", [{ value: 1 }]],
    ["a name that no expression can read", [{ name: "a b", value: 1 }]],
  ])("refuses %s", async (_name, updates) => {
    await expect(runNode(setState, handler, { params: { updates } })).rejects.toMatchObject({ code: "param_invalid" });
  });

  it("names its values on the card and in its type", () => {
    const updates = [{ name: "total", value: 1 }, { name: "" }];
    expect(setState.describe({ updates } as never)).toBe("total");
    expect(setState.output({ updates } as never)).toEqual({ type: "object", properties: { total: {} }, required: ["total"] });
  });
});
