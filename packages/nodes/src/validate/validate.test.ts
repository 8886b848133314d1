import { runNode } from "@heddle/testing/node-context";
import { describe, expect, it } from "vitest";
import { validate } from "./definition.ts";
import { handler } from "./handler.ts";

const schema = { type: "object", properties: { email: { type: "string", format: "email" } }, required: ["email"] };

describe("validate", () => {
  it("leaves by Valid when the value fits", async () => {
    expect(await runNode(validate, handler, { params: { schema, value: { email: "a@b.example" } } })).toMatchObject({
      ports: ["valid"],
      output: { isValid: true, value: { email: "a@b.example" }, problems: [] },
    });
  });

  it("leaves by Invalid with every problem", async () => {
    expect(await runNode(validate, handler, { params: { schema, value: { email: "x" } } })).toMatchObject({
      ports: ["invalid"],
      output: { isValid: false, problems: [{ path: "email", message: "is not a valid email" }] },
    });
  });

  it("checks what the node before gave when no value is set", async () => {
    expect((await runNode(validate, handler, { params: { schema }, arrived: [{ email: "a@b.example" }] })).ports).toEqual(["valid"]);
  });

  it("checks nothing, not the node before, when the value's expression found nothing", async () => {
    const found = await runNode(validate, handler, { params: { schema, value: undefined }, arrived: [{ email: "a@b.example" }] });
    expect(found).toMatchObject({ ports: ["invalid"], output: { value: null } });
  });

  it("stops the run instead, when told to", async () => {
    await expect(runNode(validate, handler, { params: { schema, value: {}, onInvalid: "fail" } })).rejects.toMatchObject({
      code: "output_invalid",
      message: "The value does not fit: email is missing.",
      problems: [{ field: "value.email" }],
    });
    expect(validate.outputs({ onInvalid: "fail" } as never).map(({ name }) => name)).toEqual(["valid"]);
  });

  it.each([
    ["no schema", {}],
    ["a schema that can't be used", { schema: { $ref: "#/nowhere" } }],
  ])("refuses %s", async (_name, params) => {
    await expect(runNode(validate, handler, { params, arrived: [1] })).rejects.toMatchObject({ code: "param_invalid" });
  });
});
