import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { fieldHint } from "@heddle/node-kit";
import { RESERVED_IDENTIFIERS } from "@heddle/schema";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { definitions } from "./definitions.ts";
import { handlers } from "./handlers.ts";

const all = [...definitions.values()].map((definition) => [definition.type, definition] as const);

describe("the registry", () => {
  it("is what the generator writes for the folders there are", () => {
    const script = fileURLToPath(new URL("../scripts/generate-registry.mjs", import.meta.url));
    expect(() => execFileSync(process.execPath, [script, "--check"], { stdio: "pipe" })).not.toThrow();
  });

  it("has a definition for each folder, under the folder's name", () => {
    const folders = readdirSync(new URL(".", import.meta.url), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect([...definitions.keys()].toSorted()).toEqual(folders.map(({ name }) => name).toSorted());
  });

  it("gives no handler for a type that it does not know", async () => {
    expect(await handlers("no-such-node")).toBeUndefined();
    expect(await handlers("__proto__")).toBeUndefined();
    expect(await handlers("constructor")).toBeUndefined();
  });
});

describe.each(all)("%s", (type, definition) => {
  const folder = new URL(`${type}/`, import.meta.url);

  // A merge makes its output itself; all else that the runtime controls, it does alone.
  const hasHandler = definition.control === undefined || definition.control === "merge";

  it("is a folder with a definition, a test, and a handler unless the runtime does its work", () => {
    for (const file of ["definition.ts", `${type}.test.ts`]) expect(existsSync(new URL(file, folder)), file).toBe(true);
    expect(existsSync(new URL("handler.ts", folder))).toBe(hasHandler);
  });

  it("loads its handler", async () => {
    expect(typeof (await handlers(type))?.run).toBe(hasHandler ? "function" : "undefined");
  });

  it("keeps handlers out of the browser", () => {
    const reached = reachedFrom(new URL("definition.ts", folder));
    expect(reached.filter((file) => /handler\.ts$|re2js|json-p3|@cfworker|node:/.test(file))).toEqual([]);
  });

  it("imports nothing that only Node has", () => {
    for (const file of readdirSync(folder).filter((name) => !name.endsWith(".test.ts"))) {
      expect(readFileSync(new URL(file, folder), "utf8"), file).not.toMatch(/from "node:|\bBuffer\b|\bprocess\./);
    }
  });

  it("describes itself, its ports and its output when half filled in", () => {
    const names = Object.keys(definition.params.shape);
    const halves: Record<string, unknown>[] = [
      {},
      ...[null, "", "{{ input.x }}", 7, [], {}].map((value) => Object.fromEntries(names.map((name) => [name, value]))),
      { branches: [null, {}, { id: "a" }], schema: { properties: null }, json: { a: [null] } },
      Object.fromEntries(
        ["cases", "rules", "by", "groupBy", "calculations", "updates"].map((name) => [name, [null, {}, { name: 7, field: 7 }]]),
      ),
    ];
    for (const half of halves) {
      const params = half as never;
      expect(definition.describe(params)).not.toMatch(/undefined|null|\[object/);
      expect(definition.describe(params).length).toBeLessThanOrEqual(80);
      expect(definition.output(params)).toBeTypeOf("object");
      // What follows a stop never runs.
      if (type !== "stop") expect(definition.outputs(params).length).toBeGreaterThan(0);
      definition.inputs(params);
    }
  });

  it("has no port called error, which is the runtime's own", () => {
    expect(definition.outputs({} as never).map(({ name }) => name)).not.toContain("error");
  });

  it("gives every param a label and a form control", () => {
    for (const [name, field] of Object.entries(definition.params.shape)) {
      const hint = fieldHint(field as z.ZodType, name);
      expect(hint.label, name).toMatch(/^[A-Z^]/);
      if (hint.visibleWhen) expect(Object.keys(definition.params.shape)).toContain(hint.visibleWhen.field);
      if (hint.control === "select") expect(hint.options?.length).toBeGreaterThan(1);
    }
  });

  it("turns into JSON Schema, for the API's documentation", () => {
    expect(z.toJSONSchema(definition.params, { io: "input", unrepresentable: "any" })["type"]).toBe("object");
  });

  it("says in its docs when to use it, with an example and its errors", () => {
    expect(definition.docs).toMatch(/\*\*(When to use it|All branches)/);
    expect(definition.docs).toContain("**Errors.**");
    expect(definition.docs).toMatch(/`[^`]+`/);
    expect(definition.summary).toMatch(/^[A-Z].*\.$/);
    expect(RESERVED_IDENTIFIERS).not.toContain(definition.type);
  });
});

/** Every file and package that importing a file brings along. */
function reachedFrom(start: URL, seen = new Set<string>()): string[] {
  if (seen.has(start.href)) return [];
  seen.add(start.href);
  const source = readFileSync(start, "utf8");
  return [...source.matchAll(/^(?:import|export)\s(?!type\s)[^;]*?from "([^"]+)"/gm)].flatMap((match) => {
    const target = match[1] ?? "";
    return target.startsWith(".") ? [target, ...reachedFrom(new URL(target, start), seen)] : [target];
  });
}
