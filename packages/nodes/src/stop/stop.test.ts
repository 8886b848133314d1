import { runNode } from "@heddle/testing/node-context";
import { describe, expect, it } from "vitest";
import { stop } from "./definition.ts";
import { handler } from "./handler.ts";

describe("stop", () => {
  it("ends the run with its own code and message, and is not tried again", async () => {
    const run = runNode(stop, handler, {
      params: { code: "amount_too_high", message: "500 is too much.", details: { amount: 500, code: "x" } },
    });
    await expect(run).rejects.toMatchObject({
      code: "run_stopped",
      message: "500 is too much.",
      details: { amount: 500, code: "amount_too_high" },
      retryable: false,
    });
  });

  it("takes details that are no object", async () => {
    const run = runNode(stop, handler, { params: { code: "a", message: "b", details: [1] } });
    await expect(run).rejects.toMatchObject({ details: { value: [1], code: "a" } });
  });

  it.each<[string, object]>([
    ["no code", { message: "b" }],
    ["a code with blanks", { code: "too high", message: "b" }],
    ["no message", { code: "a" }],
  ])("refuses %s", async (_name, params) => {
    await expect(runNode(stop, handler, { params: { ...params } })).rejects.toMatchObject({ code: "param_invalid" });
  });

  it("leads nowhere", () => {
    expect(stop.outputs({} as never)).toEqual([]);
  });
});
