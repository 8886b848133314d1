import { runNode } from "@heddle/testing/node-context";
import type { JsonSchema } from "@heddle/schema";
import { describe, expect, it } from "vitest";
import { apiTrigger } from "./definition.ts";
import { handler } from "./handler.ts";

const schema: JsonSchema = {
  type: "object",
  properties: { orderId: { type: "string" }, count: { type: "integer" } },
  required: ["orderId"],
};

describe("api-trigger", () => {
  it("passes any input on when nothing is said about it", async () => {
    expect((await runNode(apiTrigger, handler, { input: [1, { a: null }] })).output).toEqual([1, { a: null }]);
  });

  it("passes on an input that fits", async () => {
    expect((await runNode(apiTrigger, handler, { params: { schema }, input: { orderId: "A-1" } })).output).toEqual({ orderId: "A-1" });
  });

  it("refuses an input that does not fit, with all problems", async () => {
    await expect(runNode(apiTrigger, handler, { params: { schema }, input: { count: 1.5 } })).rejects.toMatchObject({
      code: "input_invalid",
      message: "The input does not fit: orderId is missing; count should be a whole number, not a number.",
      problems: [{ field: "input.orderId" }, { field: "input.count" }],
    });
  });

  it("types its output by the schema", () => {
    expect(apiTrigger.output({ schema })).toEqual(schema);
    expect(apiTrigger.describe({ schema })).toBe("Takes orderId, count");
  });
});
