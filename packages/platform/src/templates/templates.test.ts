import { join } from "node:path";
import { createTestPlatform, type TestPlatform } from "@heddle/testing/test-platform";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readTemplateFolders } from "./template-files.ts";

let test: TestPlatform;
beforeAll(async () => {
  test = await createTestPlatform({ library: await readTemplateFolders(join(import.meta.dirname, "../../../../templates")) });
});
afterAll(() => test.close());

const counts = async () => {
  const { platform, alice } = test;
  const page = { workspaceId: alice.workspaceId };
  return [
    (await platform.datasets.list(alice.actor, page)).items.length,
    (await platform.knowledge.list(alice.actor, page)).items.length,
    (await platform.agents.list(alice.actor, page)).items.length,
  ];
};

describe("templates", () => {
  it("make an agent without problems, with the data that they ship", async () => {
    const { platform, alice } = test;
    const agent = await platform.templates.use(alice.actor, {
      workspaceId: alice.workspaceId,
      templateId: "support-triage",
      name: "Triage",
      variables: {},
    });
    expect(agent.problems.filter((problem) => problem.severity === "error")).toEqual([]);
    expect(agent).toMatchObject({ name: "Triage", templateId: "support-triage" });
    expect(await counts()).toEqual([1, 1, 1]);
  });

  it("share the data that was made already", async () => {
    const { platform, alice } = test;
    await platform.templates.use(alice.actor, {
      workspaceId: alice.workspaceId,
      templateId: "support-triage",
      name: "Another",
      variables: {},
    });
    expect(await counts()).toEqual([1, 1, 2]);
  });

  it("take people's own data, and never another workspace's", async () => {
    const { platform, alice, bob } = test;
    const bytes = new TextEncoder().encode("text,label\nhi,a\nho,b\n");
    const [mine, theirs] = [
      await platform.datasets.create(alice.actor, alice.workspaceId, { name: "Mine", bytes }),
      await platform.datasets.create(bob.actor, bob.workspaceId, { name: "Theirs", bytes }),
    ];
    const use = (examples: string) =>
      platform.templates.use(alice.actor, {
        workspaceId: alice.workspaceId,
        templateId: "support-triage",
        name: "Own",
        variables: { examples },
      });
    const agent = await use(mine.id);
    expect(agent.config.variables.find((variable) => variable.name === "examples")?.value).toBe(mine.id);
    await expect(use(theirs.id)).rejects.toMatchObject({ code: "not_found" });
    await expect(use("' or 1=1")).rejects.toMatchObject({ code: "not_found" });
  });

  it("make nothing of what they do not know", async () => {
    const { platform, alice } = test;
    const before = await counts();
    const use = (templateId: string, variables: Record<string, string>) =>
      platform.templates.use(alice.actor, { workspaceId: alice.workspaceId, templateId, name: "Wrong", variables });
    await expect(use("no-such-template", {})).rejects.toMatchObject({ code: "not_found" });
    await expect(use("support-triage", { surprise: "x" })).rejects.toMatchObject({ code: "invalid_request" });
    await expect(use("support-triage", { confidence: "high" })).rejects.toMatchObject({ code: "invalid_request" });
    expect(await counts()).toEqual(before);
  });
});
