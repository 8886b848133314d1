import { documentOf, scriptedRegistry } from "@heddle/testing/runtime/scripted-nodes";
import { describe, expect, test } from "vitest";
import { compileAgent } from "./compile-agent.ts";

const compile = (document: Parameters<typeof compileAgent>[0]) => compileAgent(document, scriptedRegistry);

describe("compileAgent", () => {
  test.for([
    ["an unknown node type", documentOf({ start: {}, a: { type: "warp" } }, ["start>a"]), { nodeId: "a" }],
    [
      "a literal param that does not fit",
      documentOf({ start: {}, a: { params: { count: "many" } } }, ["start>a"]),
      { nodeId: "a", field: expect.stringContaining("params.count") },
    ],
    [
      "an expression that can't be read",
      documentOf({ start: {}, a: { params: { value: "{{ 1 + }}" } } }, ["start>a"]),
      { nodeId: "a", field: "params.value" },
    ],
    ["no trigger", documentOf({ a: {} }, []), {}],
  ] as const)("refuses %s and says where", ([, document, problem]) => {
    expect(() => compile(document)).toThrow(
      expect.objectContaining({ code: "document_invalid", problems: expect.arrayContaining([expect.objectContaining(problem)]) }),
    );
  });

  test("names all problems at once", () => {
    const document = documentOf({ start: {}, a: { params: { count: "many" } }, b: { params: { value: "{{ 1 + }}" } } }, ["start>a", "a>b"]);
    expect(() => compile(document)).toThrow(
      expect.objectContaining({ problems: [expect.objectContaining({ nodeId: "a" }), expect.objectContaining({ nodeId: "b" })] }),
    );
  });

  test("leaves its document as it was, and never lets one run change what another shares", () => {
    const document = documentOf({ start: {}, a: { params: { value: { list: [1] } } } }, ["start>a"], {
      variables: [{ name: "v", kind: "json", value: { a: [1] } }],
    });
    const before = structuredClone(document);
    const agent = compile(document);
    expect(Object.isFrozen(document.nodes[1]?.params.value)).toBe(false);
    const params = agent.nodes[1]?.params.resolve({}) as { value: { list: number[] } };
    expect(() => params.value.list.push(2)).toThrow(TypeError);
    expect(() => (agent.variables.v as { a: number[] }).a.push(2)).toThrow(TypeError);
    expect(document).toEqual(before);
  });
});
