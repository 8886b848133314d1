import { runNode } from "@heddle/testing/node-context";
import type { Json } from "@heddle/schema";
import { describe, expect, it } from "vitest";
import { webhookTrigger } from "./definition.ts";
import { handler } from "./handler.ts";

const run = (input: Json, params: Record<string, unknown> = {}) =>
  runNode(webhookTrigger, handler, { input, params: { verification: "none", ...params } });

describe("webhook-trigger", () => {
  it.each<[string, Json, Json]>([
    [
      "an event",
      { method: "put", headers: { "X-Event": "paid" }, query: { a: "1" }, body: { id: 7 } },
      { method: "PUT", headers: { "x-event": "paid" }, query: { a: "1" }, body: { id: 7 } },
    ],
    [
      "repeated headers and values",
      { method: "POST", headers: { A: ["1", "2"] }, query: { q: null } },
      { method: "POST", headers: { a: "1, 2" }, query: { q: "" }, body: null },
    ],
    ["the body alone, as a test run gives it", { id: 7 }, { method: "POST", headers: {}, query: {}, body: { id: 7 } }],
    ["a body of text", "hello", { method: "POST", headers: {}, query: {}, body: "hello" }],
  ])("passes on %s", async (_name, input, output) => {
    expect((await run(input)).output).toEqual(output);
  });

  it("refuses a body that does not fit its schema", async () => {
    const bodySchema = { type: "object", required: ["id"] };
    await expect(run({ body: {} }, { bodySchema })).rejects.toMatchObject({
      code: "input_invalid",
      problems: [{ field: "input.body.id" }],
    });
    expect(webhookTrigger.output({ verification: "none", bodySchema } as never)).toMatchObject({ properties: { body: bodySchema } });
  });

  it("wants a secret unless anyone may call", () => {
    const issues = (params: object) => webhookTrigger.params.safeParse(params).error?.issues.map(({ path }) => path.join("."));
    expect(issues({})).toEqual(["credential"]);
    expect(issues({ verification: "secret" })).toEqual(["credential"]);
    expect(issues({ verification: "none" })).toBeUndefined();
    expect(issues({ verification: "signature", credential: "c" })).toBeUndefined();
  });
});
