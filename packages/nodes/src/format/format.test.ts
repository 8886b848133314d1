import { runNode } from "@heddle/testing/node-context";
import { describe, expect, it } from "vitest";
import { format } from "./definition.ts";
import { handler } from "./handler.ts";

describe("format", () => {
  it.each<[string, Record<string, unknown>, unknown]>([
    ["text", { text: "Hello" }, "Hello"],
    ["a number as text", { text: 7 }, "7"],
    ["data as JSON text", { text: { a: 1 } }, '{"a":1}'],
    ["an empty text", {}, ""],
    ["JSON with its types", { mode: "json", json: { a: 1, b: [true, null] } }, { a: 1, b: [true, null] }],
    [
      "JSON without the names that have no value",
      { mode: "json", json: { a: undefined, b: [undefined], c: Number.NaN } },
      { b: [null], c: null },
    ],
    ["a whole value", { mode: "json", json: 7 }, 7],
    ["no JSON", { mode: "json" }, null],
    ["text that looks like an expression as text", { text: "{{7*7}}" }, "{{7*7}}"],
  ])("gives %s", async (_name, params, output) => {
    expect((await runNode(format, handler, { params })).output).toEqual(output);
  });

  it("keeps a name such as __proto__ a name", async () => {
    const { output } = await runNode(format, handler, { params: { mode: "json", json: JSON.parse('{"__proto__":{"a":1}}') } });
    expect(JSON.stringify(output)).toBe('{"__proto__":{"a":1}}');
    expect(Object.getPrototypeOf(output)).toBe(Object.prototype);
  });

  it("refuses another mode", async () => {
    await expect(runNode(format, handler, { params: { mode: "xml" } })).rejects.toMatchObject({ code: "param_invalid" });
  });

  it("shows what it is set to", () => {
    expect(format.describe({ text: "Hello\n  {{ input.name }}" } as never)).toBe("Hello {{ input.name }}");
    expect(format.describe({ mode: "json", json: { a: 1 } } as never)).toBe('{"a":1}');
  });
});

describe("format's output type", () => {
  it("has the names of its JSON", () => {
    expect(format.output({ mode: "json", json: { a: "{{ input.x }}", b: 1 } } as never)).toEqual({
      type: "object",
      properties: { a: {}, b: {} },
    });
    expect(format.output({ mode: "json", json: "{{ input }}" } as never)).toEqual({});
    expect(format.output({ mode: "text" } as never)).toEqual({ type: "string" });
  });
});
