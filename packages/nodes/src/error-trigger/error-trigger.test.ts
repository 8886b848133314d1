import { runNode } from "@heddle/testing/node-context";
import { describe, expect, it } from "vitest";
import { errorTrigger } from "./definition.ts";
import { handler } from "./handler.ts";

describe("error-trigger", () => {
  it("hands the failure on", async () => {
    const input = {
      executionId: "e1",
      agent: { id: "a1", name: "Shop" },
      error: { code: "http_failed", message: "The server could not be reached." },
      input: { orderId: 7 },
      failedAt: "2026-01-01T00:00:00.000Z",
      attempts: 5,
    };
    expect((await runNode(errorTrigger, handler, { input })).output).toEqual(input);
  });

  it("refuses to start without a failure, and says how to test it", async () => {
    await expect(runNode(errorTrigger, handler, { input: { message: "hi" } })).rejects.toMatchObject({
      code: "input_invalid",
      hint: expect.stringContaining('"executionId"'),
    });
  });

  it("counts the agents that it looks after on its card", () => {
    expect(errorTrigger.describe({ agentIds: [] } as never)).toBe("Any agent");
    expect(errorTrigger.describe({ agentIds: ["a"] } as never)).toBe("One agent");
    expect(errorTrigger.describe({ agentIds: ["a", "b", ""] } as never)).toBe("2 agents");
  });
});
