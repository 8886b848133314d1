import { describe, expect, test } from "vitest";
import { curlExample, describeType, groupOperations, type Operation, sampleOf } from "./open-api.ts";

const operation: Operation = {
  method: "POST",
  path: "/api/deployments/{id}/execute",
  operationId: "deployments.execute",
  summary: "Run it",
  requestBody: {
    content: {
      "application/json": {
        schema: {
          type: "object",
          properties: { input: { type: "object", required: ["message"], properties: { message: { type: "string" } } } },
          required: ["input"],
        },
      },
    },
  },
  responses: {},
  security: [{ session: [] }, { apiKey: [] }],
};

describe("the API reference", () => {
  test("shows a command that carries a key and a sample body", () => {
    expect(curlExample(operation, "http://localhost:3000")).toBe(
      [
        "curl -X POST 'http://localhost:3000/api/deployments/{id}/execute'",
        `-H "Authorization: Bearer $HEDDLE_KEY"`,
        "-H 'Content-Type: application/json'",
        `-d '{"input":{"message":"…"}}'`,
      ].join(" \\\n  "),
    );
  });

  test("sends files as a form", () => {
    const schema = {
      type: "object" as const,
      properties: { name: { type: "string" as const }, file: { type: "string" as const, format: "binary" } },
    };
    const command = curlExample({ ...operation, requestBody: { content: { "multipart/form-data": { schema } } } }, "");
    expect(command).toContain("-F 'name=…'");
    expect(command).toContain("-F 'file=@file.csv'");
  });

  test("groups operations by their first tag", () => {
    const document = {
      info: { title: "", version: "" },
      servers: [],
      paths: { "/a": { get: { ...operation, tags: ["agents"] } }, "/b": { post: operation } },
    };
    expect(groupOperations(document).map(({ tag, operations }) => [tag, operations.length])).toEqual([
      ["agents", 1],
      ["other", 1],
    ]);
  });

  test("names types as people say them", () => {
    expect(describeType({ type: "array", items: { enum: ["read", "write"] } })).toBe('array of "read" | "write"');
    expect(describeType({ anyOf: [{ type: "string" }, { type: "null" }] })).toBe("string | null");
    expect(describeType({})).toBe("anything");
  });

  test("ends on schemas that contain themselves", () => {
    const schema: Record<string, unknown> = { type: "object", required: ["child"] };
    schema["properties"] = { child: schema };
    expect(JSON.stringify(sampleOf(schema)).length).toBeLessThan(200);
  });
});
