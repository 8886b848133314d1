import { runNode } from "@heddle/testing/node-context";
import type { CodeRequest } from "@heddle/node-kit";
import { HeddleError } from "@heddle/schema";
import { describe, expect, it } from "vitest";
import { code } from "./definition.ts";
import { handler } from "./handler.ts";

function sandbox() {
  const requests: CodeRequest[] = [];
  const run = async (request: CodeRequest) => {
    requests.push(request);
    return { value: { sum: 3 }, logs: ["added"] };
  };
  return { requests, services: { code: { run } } };
}

describe("code", () => {
  it("runs the source with its input and limits", async () => {
    const { requests, services } = sandbox();
    const signal = new AbortController().signal;
    const { output } = await runNode(code, handler, {
      params: { source: "return 1", input: [1, 2], timeoutMs: 100, memoryMb: 32 },
      services,
      signal,
    });
    expect(output).toEqual({ value: { sum: 3 }, logs: ["added"] });
    expect(requests).toEqual([{ language: "javascript", source: "return 1", input: [1, 2], timeoutMs: 100, memoryMb: 32, signal }]);
  });

  it("takes what the node before gave when no input is set", async () => {
    const { requests, services } = sandbox();
    await runNode(code, handler, { params: { source: "return 1", language: "typescript" }, arrived: [{ a: 1 }], services });
    expect(requests[0]).toMatchObject({ language: "typescript", input: { a: 1 }, timeoutMs: 5_000, memoryMb: 64 });
  });

  it("passes the sandbox's errors on", async () => {
    const run = () => Promise.reject(new HeddleError("code_failed", "x is not defined (line 1)"));
    await expect(runNode(code, handler, { params: { source: "x" }, services: { code: { run } } })).rejects.toMatchObject({
      code: "code_failed",
    });
  });

  it.each<[string, object]>([
    ["no source", {}],
    ["another language", { source: "1", language: "ruby" }],
    ["a limit out of range", { source: "1", timeoutMs: 1_000_000 }],
  ])("refuses %s", async (_name, params) => {
    await expect(runNode(code, handler, { params: { ...params } })).rejects.toMatchObject({ code: "param_invalid" });
  });

  it("shows the first line that does something, and never evaluates its source as an expression", () => {
    expect(code.describe({ source: "\n// why\nreturn input.a;\n" } as never)).toBe("return input.a;");
    expect(code.params.shape.source.meta()).toMatchObject({ ui: { expressions: "literal" } });
    expect(code.output({ outputSchema: { type: "number" } } as never)).toMatchObject({ properties: { value: { type: "number" } } });
  });
});
