import { fieldHint } from "@heddle/node-kit";
import { describe, expect, it } from "vitest";
import { subAgent } from "./definition.ts";

describe("sub-agent", () => {
  it("names its agent as it stands, so that no input can choose another", () => {
    expect(fieldHint(subAgent.params.shape.agentId, "agentId")).toMatchObject({ expressions: "literal", control: "agent" });
    expect(subAgent.params.safeParse({}).error?.issues[0]).toMatchObject({ path: ["agentId"], message: "fill this in" });
  });

  it("serves as a step and as a tool", () => {
    expect(subAgent.provides).toEqual(["tool"]);
    expect(subAgent.describe({ agentId: "a", input: { message: "{{ args.question }}" } } as never)).toBe(
      '{"message":"{{ args.question }}"}',
    );
  });
});
