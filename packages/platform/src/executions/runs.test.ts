import { agentDocument } from "@heddle/schema";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestPlatform, type TestPlatform } from "@heddle/testing/test-platform";

let test: TestPlatform;
beforeAll(async () => {
  test = await createTestPlatform();
});
afterAll(() => test.close());

const greeting = agentDocument.parse({
  nodes: [
    { id: "start", type: "api-trigger", name: "Call" },
    { id: "hello", type: "format", name: "Greet", params: { mode: "text", text: "Hello {{ input.name }}" } },
    { id: "answer", type: "reply", name: "Reply", params: { mode: "text", text: "{{ hello.output }}" } },
  ],
  edges: [
    { id: "e1", source: { node: "start" }, target: { node: "hello" } },
    { id: "e2", source: { node: "hello" }, target: { node: "answer" } },
  ],
});

describe("runs", () => {
  it("executes what was deployed, journaled from acceptance to outcome", async () => {
    const { platform, alice } = test;
    const agent = await platform.agents.create(alice.actor, alice.workspaceId, { name: "Greeter", config: greeting });
    expect(agent.problems).toEqual([]);
    const deployment = await platform.deployments.deploy(alice.actor, agent.id);
    expect(deployment).toMatchObject({ version: 1, status: "ACTIVE" });

    const run = await platform.runs.executeDeployment(alice.actor, deployment.id, { input: { name: "Ada" } });
    expect(await run.finished).toMatchObject({ status: "completed", output: "Hello Ada" });

    const execution = await platform.executions.byId(alice.actor, run.executionId);
    expect(execution).toMatchObject({
      status: "COMPLETED",
      output: "Hello Ada",
      agentName: "Greeter",
      trigger: "api",
      deploymentId: deployment.id,
    });
    const trace = await platform.executions.trace(alice.actor, run.executionId);
    expect(trace.steps.map((step) => [step.nodeName, step.status])).toEqual([
      ["Call", "completed"],
      ["Greet", "completed"],
      ["Reply", "completed"],
    ]);
  });
});
