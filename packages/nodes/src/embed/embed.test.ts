import { runNode } from "@heddle/testing/node-context";
import type { Json } from "@heddle/schema";
import { describe, expect, it } from "vitest";
import { embed } from "./definition.ts";
import { handler } from "./handler.ts";

const services = {
  embeddings: { dimensions: 2, embed: async (texts: string[]) => texts.map((text) => Float32Array.of(text.length, 1 / 3)) },
};

describe("embed", () => {
  it.each<[string, unknown, Json, number[][]]>([
    ["a text", "abc", null, [[3, 0.33333]]],
    [
      "a list of texts",
      ["a", "bb"],
      null,
      [
        [1, 0.33333],
        [2, 0.33333],
      ],
    ],
    ["a number as text", 42, null, [[2, 0.33333]]],
    ["the message the run began with", undefined, { message: "abcd" }, [[4, 0.33333]]],
  ])("gives vectors for %s", async (_name, text, input, vectors) => {
    expect((await runNode(embed, handler, { params: { text }, input, services })).output).toEqual({
      vector: vectors[0],
      vectors,
      dimensions: 2,
    });
  });

  it.each<[string, unknown]>([
    ["an empty list", []],
    ["more than 64 texts", Array.from({ length: 65 }, String)],
    ["a list with something else in it", ["a", { b: 1 }]],
    ["an object", { a: 1 }],
    ["nothing", undefined],
  ])("refuses %s", async (_name, text) => {
    await expect(runNode(embed, handler, { params: { text }, services })).rejects.toMatchObject({ code: "param_invalid" });
  });

  it("stays under the size of an inline value with the most texts", async () => {
    const worst = {
      embeddings: { dimensions: 384, embed: async (texts: string[]) => texts.map(() => new Float32Array(384).fill(-0.12345)) },
    };
    const { output } = await runNode(embed, handler, { params: { text: Array.from({ length: 64 }, String) }, services: worst });
    expect(JSON.stringify(output).length).toBeLessThan(256 * 1024);
  });
});
