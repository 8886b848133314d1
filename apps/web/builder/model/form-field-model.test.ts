import { definitions } from "@heddle/nodes/definitions";
import { expect, test } from "vitest";
import { z } from "zod";
import { formFieldsOf, isFieldVisible, newListItem } from "./form-field-model.ts";

const fieldsOf = (type: string) => formFieldsOf(definitions.get(type)?.params ?? z.object({}));
const field = (type: string, name: string) => fieldsOf(type).find((candidate) => candidate.name === name);

test("makes a form of every node type, each field with a label of its own", () => {
  for (const [type, definition] of definitions) {
    for (const made of formFieldsOf(definition.params)) {
      expect(made.label, `${type}.${made.name}`).not.toBe("");
      if (made.control === "select") expect(made.options.length, `${type}.${made.name}`).toBeGreaterThan(1);
      if (made.control === "list") expect(made.item, `${type}.${made.name}`).toBeDefined();
    }
  }
});

test("knows which fields must be filled in, and what holds when they are not", () => {
  expect(field("classify", "datasetId")).toMatchObject({ control: "dataset", isRequired: true });
  expect(field("knowledge-search", "limit")).toMatchObject({ control: "number", isRequired: false, fallback: 4 });
  expect(field("http-request", "failOnError")).toMatchObject({ control: "switch", fallback: true, isAdvanced: true });
  expect(field("http-request", "method")).toMatchObject({ control: "select", fallback: "GET", takesExpressions: false });
});

test("reads the form of a list's items from their schema", () => {
  const branches = field("condition", "branches");
  expect(branches?.item).toMatchObject({
    kind: "object",
    fields: [{ name: "id" }, { name: "name" }, { name: "when", takesExpressions: true }],
  });
  expect(field("chat-trigger", "suggestions")?.item).toMatchObject({ kind: "value", field: { control: "text", takesExpressions: false } });
});

test("gives a new branch an id that no other branch has", () => {
  const branches = field("condition", "branches");
  if (branches === undefined) throw new Error("condition has branches");
  expect(newListItem(branches, [])).toEqual({ id: "branch_1" });
  expect(newListItem(branches, [{ id: "branch_2" }])).toEqual({ id: "branch_3" });
});

test("derives controls where the author gave no hint", () => {
  const fields = formFieldsOf(
    z.object({
      size: z.number().default(3),
      on: z.boolean(),
      kind: z.enum(["a", "b"]),
      names: z.array(z.string()),
      any: z.record(z.string(), z.string()),
    }),
  );
  expect(fields.map(({ control }) => control)).toEqual(["number", "switch", "select", "list", "keyValue"]);
  expect(fields[2]?.options).toEqual([
    { value: "a", label: "a" },
    { value: "b", label: "b" },
  ]);
});

test("shows a field only while the one it depends on says so, its default included", () => {
  const fields = fieldsOf("reply");
  const json = fields.find(({ name }) => name === "json");
  const text = fields.find(({ name }) => name === "text");
  if (json === undefined || text === undefined) throw new Error("reply has both");
  expect(isFieldVisible(text, fields, {})).toBe(true);
  expect(isFieldVisible(json, fields, {})).toBe(false);
  expect(isFieldVisible(json, fields, { mode: "json" })).toBe(true);
});
