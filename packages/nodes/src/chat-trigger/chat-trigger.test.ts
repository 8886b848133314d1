import { runNode } from "@heddle/testing/node-context";
import type { Json } from "@heddle/schema";
import { describe, expect, it } from "vitest";
import { chatTrigger } from "./definition.ts";
import { handler } from "./handler.ts";

const run = (input: Json) => runNode(chatTrigger, handler, { input });

describe("chat-trigger", () => {
  it.each<[string, Json, Json]>([
    ["a message", { message: "Hi" }, { message: "Hi", history: [] }],
    ["a bare text", "Hi", { message: "Hi", history: [] }],
    [
      "a message with history",
      { message: "Hi", history: [{ role: "user", content: "a" }] },
      { message: "Hi", history: [{ role: "user", content: "a" }] },
    ],
    ["other names too", { message: "Hi", customer: 7 }, { message: "Hi", customer: 7, history: [] }],
    ["text that looks like an expression as text", { message: "{{7*7}}" }, { message: "{{7*7}}", history: [] }],
  ])("passes on %s", async (_name, input, output) => {
    expect((await run(input)).output).toEqual(output);
  });

  it.each<[string, Json, string[]]>([
    ["nothing", null, ["input.message"]],
    ["an empty message", { message: "" }, ["input.message"]],
    ["a blank message", { message: " \n" }, ["input.message"]],
    ["a message that is no text", { message: 7 }, ["input.message"]],
    ["a history that is no list, and no message", { history: "x" }, ["input.message", "input.history"]],
    [
      "wrong messages in the history",
      { message: "a", history: [{ role: "system", content: "x" }, { role: "user", content: "y" }, 1] },
      ["input.history.0", "input.history.2"],
    ],
  ])("refuses %s and names every place", async (_name, input, fields) => {
    const error = await run(input).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: "input_invalid", problems: fields.map((field) => ({ field })) });
  });
});
