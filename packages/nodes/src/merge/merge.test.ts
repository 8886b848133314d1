import { runNode } from "@heddle/testing/node-context";
import { describe, expect, it } from "vitest";
import { merge } from "./definition.ts";
import { handler } from "./handler.ts";

const arrivals = {
  in: [
    { nodeId: "fast", port: "out", value: 1 },
    { nodeId: "slow", port: "out", value: { a: 2 } },
  ],
};

describe("merge", () => {
  it.each([
    ["all", { branches: { fast: 1, slow: { a: 2 } } }],
    ["any", 1],
    ["first", 1],
    [undefined, { branches: { fast: 1, slow: { a: 2 } } }],
  ])("in mode %s gives %j", async (mode, output) => {
    expect((await runNode(merge, handler, { params: { mode }, arrivals })).output).toEqual(output);
  });

  it("gives nothing when nothing arrived", async () => {
    expect((await runNode(merge, handler, { params: { mode: "any" } })).output).toBeNull();
    expect((await runNode(merge, handler, { params: { mode: "all" } })).output).toEqual({ branches: {} });
  });

  it("refuses another mode", async () => {
    await expect(runNode(merge, handler, { params: { mode: "last" } })).rejects.toMatchObject({ code: "param_invalid" });
  });
});
