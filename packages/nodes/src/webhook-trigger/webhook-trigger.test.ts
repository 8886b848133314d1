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
      { method: "put", path: "paid", headers: { "X-Event": "paid" }, query: { a: "1" }, body: { id: 7 } },
      { method: "PUT", path: "paid", headers: { "x-event": "paid" }, query: { a: "1" }, body: { id: 7 } },
    ],
    [
      "repeated headers and values",
      { method: "POST", headers: { A: ["1", "2"] }, query: { q: null } },
      { method: "POST", path: "", headers: { a: "1, 2" }, query: { q: "" }, body: null },
    ],
    ["the body alone, as a test run gives it", { id: 7 }, { method: "POST", path: "", headers: {}, query: {}, body: { id: 7 } }],
    ["a body of text", "hello", { method: "POST", path: "", headers: {}, query: {}, body: "hello" }],
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

  it.each<[string, object, string]>([
    ["a path with a slash in front", { path: "/orders" }, "path"],
    ["a path that climbs", { path: "../x" }, "path"],
    ["several methods, but none named", { method: "several" }, "methods"],
    ["an unknown method", { method: "several", methods: ["BREW"] }, "methods.0"],
    ["a header that is none", { signatureHeader: "x y" }, "signatureHeader"],
    ["a status that is none", { responseStatus: 99 }, "responseStatus"],
  ])("refuses %s", (_name, params, field) => {
    const { error } = webhookTrigger.params.safeParse({ verification: "none", ...params });
    expect(error?.issues.map(({ path }) => path.join("."))).toEqual([field]);
  });

  it("leaves what is written about the answer for when the run has ended", async () => {
    const params = {
      respond: "finished",
      responseStatus: "{{ output.status }}",
      responseBody: "{{ output }}",
      deduplicateBy: "{{ input.body.id }}",
    };
    expect(webhookTrigger.params.parse({ verification: "none", ...params })).toMatchObject(params);
    expect(webhookTrigger.params.parse({ verification: "none", responseStatus: "201" })).toMatchObject({ responseStatus: 201 });
  });

  it("says on its card where and what it takes", () => {
    expect(webhookTrigger.describe({ path: "orders", method: "several", methods: ["POST", "PUT"], verification: "github" } as never)).toBe(
      "POST, PUT /orders · checks the signature",
    );
  });
});
