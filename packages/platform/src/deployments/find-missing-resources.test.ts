import { agentDocument, type AgentDocument } from "@heddle/schema";
import { createTestPlatform, type TestPlatform } from "@heddle/testing/test-platform";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

let test: TestPlatform;
beforeAll(async () => {
  test = await createTestPlatform();
});
afterAll(() => test.close());

const NOBODYS = "0190b4d3-0000-7000-8000-000000000000";

/** Message → node → nothing more. */
const documentOf = (type: string, params: Record<string, string>, variables: AgentDocument["variables"] = []) =>
  agentDocument.parse({
    nodes: [
      { id: "start", type: "chat-trigger", name: "Chat" },
      { id: "step", type, name: "My step", params },
    ],
    edges: [{ id: "1", source: { node: "start" }, target: { node: "step" } }],
    variables,
  });
const deploy = async (config: AgentDocument) => {
  const { platform, alice } = test;
  const { id } = await platform.agents.create(alice.actor, alice.workspaceId, { name: "Agent", config });
  return await platform.deployments.deploy(alice.actor, id);
};

describe("deploying an agent that names what is not there", () => {
  it.each([
    ["a data set", documentOf("classify", { datasetId: NOBODYS }), "params.datasetId"],
    ["a knowledge base", documentOf("knowledge-search", { knowledgeBaseId: NOBODYS }), "params.knowledgeBaseId"],
    ["a model connection", documentOf("llm", { connection: NOBODYS }), "params.connection"],
    ["a credential", documentOf("http-request", { url: "https://example.com", credential: NOBODYS }), "params.credential"],
    ["no id at all", documentOf("classify", { datasetId: "my examples" }), "params.datasetId"],
    [
      "a data set by a variable",
      documentOf("classify", { datasetId: "{{ variables.examples }}" }, [{ name: "examples", kind: "dataset", value: NOBODYS }]),
      "params.datasetId",
    ],
  ])("is refused with node and field: %s", async (_what, document, field) => {
    await expect(deploy(document)).rejects.toMatchObject({
      code: "document_invalid",
      problems: [{ code: "missing_resource", severity: "error", nodeId: "step", field, message: expect.stringContaining('"My step"') }],
    });
  });

  it("goes by what is in the agent's own workspace", async () => {
    const { platform, alice, bob } = test;
    const bytes = new TextEncoder().encode("text,label\nhello,a\nhi,a\nbye,b\nsee you,b\n");
    const mine = await platform.datasets.create(alice.actor, alice.workspaceId, { name: "Mine", bytes });
    const theirs = await platform.datasets.create(bob.actor, bob.workspaceId, { name: "Theirs", bytes });
    await expect(deploy(documentOf("classify", { datasetId: mine.id.toUpperCase() }))).resolves.toMatchObject({ version: 1 });
    await expect(deploy(documentOf("classify", { datasetId: theirs.id }))).rejects.toMatchObject({ code: "document_invalid" });
  });

  it("says of an agent that is gone, or that is to be run and is not deployed, which node wants it", async () => {
    const { platform, alice, bob } = test;
    const problemsOf = (config: AgentDocument) =>
      deploy(config).then(
        () => [],
        (error: { problems: unknown[] }) => error.problems,
      );
    const { id: draft } = await platform.agents.create(alice.actor, alice.workspaceId, {
      name: "Draft",
      config: documentOf("format", { text: "x" }),
    });
    const running = (agentId: string) => documentOf("sub-agent", { agentId });
    const watching = (...agentIds: string[]) =>
      agentDocument.parse({
        nodes: [
          { id: "step", type: "error-trigger", name: "My step", params: { agentIds } },
          { id: "after", type: "format", name: "After", params: { text: "x" } },
        ],
        edges: [{ id: "1", source: { node: "step" }, target: { node: "after" } }],
      });
    const missing = {
      code: "missing_resource",
      nodeId: "step",
      message: expect.stringContaining('agent of "My step" does not exist') as never,
    };
    expect(await problemsOf(running(NOBODYS))).toMatchObject([{ ...missing, field: "params.agentId" }]);
    expect(await problemsOf(watching(draft, NOBODYS))).toMatchObject([{ ...missing, field: "params.agentIds.1" }]);
    expect(await problemsOf(watching(draft))).toEqual([]);
    const undeployed = {
      code: "agent_not_deployed",
      nodeId: "step",
      field: "params.agentId",
      message: expect.stringContaining('"My step"') as never,
    };
    expect(await problemsOf(running(draft))).toMatchObject([undeployed]);
    const { id: deployment } = await platform.deployments.deploy(alice.actor, draft);
    expect(await problemsOf(running(draft))).toEqual([]);
    await platform.deployments.setStatus(alice.actor, deployment, "INACTIVE");
    expect(await problemsOf(running(draft))).toMatchObject([undeployed]);
    const theirs = await platform.agents.create(bob.actor, bob.workspaceId, {
      name: "Theirs",
      config: documentOf("format", { text: "x" }),
    });
    await platform.deployments.deploy(bob.actor, theirs.id);
    expect(await problemsOf(running(theirs.id))).toMatchObject([missing]);
    // One that runs itself is there by the time it runs.
    const own = await platform.agents.create(alice.actor, alice.workspaceId, {
      name: "Own",
      config: documentOf("format", { text: "x" }),
    });
    await platform.agents.update(alice.actor, own.id, { config: running(own.id), revision: own.revision });
    await expect(platform.deployments.deploy(alice.actor, own.id)).resolves.toMatchObject({ version: 1 });
  });

  it("leaves alone what a run chooses, and servers of this machine", async () => {
    await expect(deploy(documentOf("classify", { datasetId: "{{ input.message }}" }))).resolves.toMatchObject({ version: 1 });
    await expect(deploy(documentOf("llm", { connection: "local:ollama" }))).resolves.toMatchObject({ version: 1 });
    await expect(deploy(documentOf("llm", { connection: "auto" }))).resolves.toMatchObject({ version: 1 });
  });
});

describe("a run whose data is gone", () => {
  it.each([
    ["classify", "datasetId"],
    ["knowledge-search", "knowledgeBaseId"],
  ])("says so as a failure of the node, not as if the agent were gone: %s", async (type, param) => {
    const { platform, alice } = test;
    for (const id of [NOBODYS, "not-an-id"]) {
      const { id: agentId } = await platform.agents.create(alice.actor, alice.workspaceId, {
        name: "Agent",
        config: documentOf(type, { [param]: id }),
      });
      const run = await platform.runs.testAgent(alice.actor, agentId, { input: { message: "Hi" } });
      expect(await run.finished).toMatchObject({ status: "failed", error: { code: "not_configured", nodeId: "step" } });
    }
  });
});
