import type { Arrival, StepContext } from "@heddle/node-kit";
import type { Json } from "@heddle/schema";
import { describe, expect, it } from "vitest";
import { textOrMessage, valueOrArrival } from "./step-input.ts";

const arrival = (nodeId: string, value: Json): Arrival => ({ nodeId, port: "out", value });
const contextOf = (params: { value?: Json | undefined }, arrivals: Arrival[], input: Json = null) =>
  ({ params, arrivals: { in: arrivals }, input }) as unknown as StepContext<{ value?: Json | undefined }>;

describe("valueOrArrival", () => {
  it.each<[string, { value?: Json | undefined }, Arrival[], Json]>([
    ["the param", { value: 1 }, [arrival("a", 2)], 1],
    ["null when the param's expression found nothing", { value: undefined }, [arrival("a", 2)], null],
    ["the only arrival", {}, [arrival("a", 2)], 2],
    ["several arrivals by node", {}, [arrival("a", 2), arrival("b", 3)], { a: 2, b: 3 }],
    ["the run's input where nothing arrived", {}, [], "in"],
  ])("gives %s", (_name, params, arrivals, expected) => {
    expect(valueOrArrival(contextOf(params, arrivals, "in"), "value")).toEqual(expected);
  });
});

describe("textOrMessage", () => {
  it.each<[string, string | undefined, Json, string]>([
    ["the text", "text", { message: "m" }, "text"],
    ["the message", undefined, { message: "m" }, "m"],
    ["an input that is text", " ", "m", "m"],
  ])("gives %s", (_name, text, input, expected) => {
    expect(textOrMessage({ input }, text, "Text")).toBe(expected);
  });

  it.each<[Json]>([[null], [{}], [{ message: "" }], [{ message: 7 }], [[]]])("asks for the text when the input is %j", (input) => {
    expect(() => textOrMessage({ input }, undefined, "Text")).toThrow(expect.objectContaining({ code: "param_invalid" }));
  });
});
