import { compileValue } from "@heddle/expression";
import { defineNode } from "@heddle/node-kit";
import type { AgentNode, Json } from "@heddle/schema";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { compileParams } from "./compile-params.ts";

const branch = z.object({ id: z.string(), name: z.string().optional(), when: z.unknown().optional() });
const shape = {
  mode: z.enum(["first", "all"]).default("first"),
  text: z.string().min(2).optional(),
  count: z.number().max(10).optional(),
  anything: z.unknown().optional(),
  values: z.array(z.unknown()).max(3).optional(),
  branches: z
    .array(branch)
    .min(1)
    .refine((list) => new Set(list.map(({ id }) => id)).size === list.length, "two branches have the same id")
    .optional(),
};
const definition = define(z.object(shape));

function define(params: z.ZodObject) {
  return defineNode({
    type: "sample",
    name: "Sample",
    category: "logic",
    icon: "x",
    summary: "s",
    docs: "d",
    params,
    describe: () => "",
    output: () => ({}),
  });
}

function paramsOf(params: Record<string, Json>, node = definition) {
  return compileParams({ id: "a", type: "sample", name: "A", params } as AgentNode, node);
}

function resolve(params: Record<string, Json>, scope: Record<string, unknown> = {}, node = definition) {
  return paramsOf(params, node).resolve(scope);
}

function errorOf(work: () => unknown) {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe("params that a run can change", () => {
  test("get what the run gives, and the definition's defaults", () => {
    const params = { text: "Hi {{ input.name }}", branches: [{ id: "big", when: "{{ input.n > 10 }}" }] };
    expect(resolve(params, { input: { name: "Ada", n: 12 } })).toEqual({
      mode: "first",
      text: "Hi Ada",
      branches: [{ id: "big", when: true }],
    });
  });

  test("are of one kind, whatever a run gives: names without a value are undefined", () => {
    const made = paramsOf({ text: "{{ input.text }}" });
    expect(Object.keys(made.resolve({ input: {} }))).toEqual(Object.keys(made.resolve({ input: { text: "long enough" } })));
    expect(made.resolve({ input: {} }).text).toBeUndefined();
  });

  test("are checked by each run, and an error says where", () => {
    const made = paramsOf({ text: "{{ input.text }}" });
    expect(errorOf(() => made.resolve({ input: { text: "x" } }))).toMatchObject({
      code: "param_invalid",
      details: { field: "params.text" },
    });
    expect(made.resolve({ input: { text: "xy" } })).toMatchObject({ text: "xy" });
  });

  test("say which of their expressions failed", () => {
    const failing = {
      branches: [
        { id: "a", when: true },
        { id: "b", when: "{{ input.a.b.c() }}" },
      ],
    };
    expect(errorOf(() => resolve(failing, { input: {} }))).toMatchObject({
      code: "expression_failed",
      details: { field: "params.branches.1.when" },
    });
  });

  test("leave out what has no value inside an object, and put null in its place in a list", () => {
    const list = { anything: { name: "{{ input.none }}", list: ["{{ input.none }}", 1] } };
    expect(resolve(list, { input: {} }).anything).toEqual({ list: [null, 1] });
    expect(resolve({ branches: [{ id: "a", when: "{{ input.none }}" }] }, { input: {} }).branches).toStrictEqual([{ id: "a" }]);
    expect(resolve({ values: ["{{ input.none }}", 1] }, { input: {} }).values).toStrictEqual([null, 1]);
  });

  test("do not share with other runs what a run has made, and share frozen what none can change", () => {
    const made = paramsOf({
      branches: [
        { id: "a", when: "{{ input.n }}" },
        { id: "b", when: [1] },
      ],
    });
    const [first, second] = [made.resolve({ input: { n: 1 } }), made.resolve({ input: { n: 2 } })];
    const branches = first.branches as { when: unknown }[];
    expect(branches[0]).not.toBe((second.branches as unknown[])[0]);
    expect(branches[1]).toBe((second.branches as unknown[])[1]);
    expect(Object.isFrozen(branches[1]?.when)).toBe(true);
  });

  test("are looked at together where the definition says so", () => {
    const together = define(
      z.object(shape).refine(({ text, count }) => text?.length === count, { message: "is not as long", path: ["count"] }),
    );
    const params = { text: "{{ input.text }}", count: 3 };
    expect(resolve(params, { input: { text: "abc" } }, together)).toMatchObject({ text: "abc", count: 3 });
    expect(errorOf(() => resolve(params, { input: { text: "abcd" } }, together))).toMatchObject({
      code: "param_invalid",
      details: { field: "params.count" },
    });
  });

  test("do not hide that one is wrong that no run can mend", () => {
    expect(errorOf(() => resolve({ text: "{{ input.text }}", count: 11 }, { input: { text: "abc" } }))).toMatchObject({
      code: "param_invalid",
      details: { field: "params.count" },
    });
  });

  test("that the definition does not know are left out, and fail all the same", () => {
    expect(resolve({ other: "{{ input.n }}" }, { input: { n: 1 } })).toEqual({ mode: "first" });
    expect(errorOf(() => resolve({ other: "{{ input.a.b() }}" }, { input: {} }))).toMatchObject({ code: "expression_failed" });
  });
});

test("params checked field by field are what the whole definition makes of them", () => {
  const text = fc.constantFrom("ab", "{{ input.a }}", "{{ input.b }}", "x {{ input.a }}", "{{ input.none }}");
  const json = fc.oneof(
    text,
    fc.integer(),
    fc.constant(null),
    fc.array(text, { maxLength: 3 }),
    fc.record({ p: text, q: text }, { requiredKeys: [] }),
  );
  const fields = fc.record(
    {
      mode: fc.constantFrom("first", "all"),
      text,
      count: fc.oneof(fc.integer({ min: 0, max: 10 }), fc.constant("{{ input.b }}")),
      anything: json,
      values: fc.array(json, { maxLength: 4 }),
      branches: fc.array(fc.record({ id: fc.constantFrom("a", "b", "c"), name: fc.constant("n"), when: json }, { requiredKeys: ["id"] }), {
        maxLength: 3,
      }),
    },
    { requiredKeys: [] },
  );
  let failures = 0;
  fc.assert(
    fc.property(fields, (params) => {
      const scope = { input: { a: "xyz", b: 4 } };
      const whole = definition.params.safeParse(compileValue(params as Json).evaluate(scope));
      if (whole.success)
        expect(JSON.stringify(sorted(resolve(params as Record<string, Json>, scope)))).toBe(JSON.stringify(sorted(whole.data)));
      else {
        failures += 1;
        const field = `params.${whole.error.issues[0]?.path.join(".")}`;
        expect(errorOf(() => resolve(params as Record<string, Json>, scope))).toMatchObject({ code: "param_invalid", details: { field } });
      }
    }),
    { numRuns: 500 },
  );
  expect(failures).toBeGreaterThan(0);
});

/** The same value with its names in order, as two ways of making it may have them in different ones. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, item]) => [name, sorted(item)]),
  );
}
