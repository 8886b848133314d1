import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { AgentDetail, DatasetResource, DeploymentResource, ExecutionResult } from "@heddle/schema";
import { type HeddleProcess, startHeddle } from "@heddle/testing/heddle-process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { csvForm, type HeddleClient, signUp } from "./heddle-client.ts";

const EXAMPLES = join(import.meta.dirname, "../../../templates/support-triage/examples.csv");

interface Answer {
  intent: string;
  confidence: number;
  alternatives: { label: string; confidence: number }[];
  answer?: string;
  citations?: { documentName: string }[];
}

let heddle: HeddleProcess;
let user: HeddleClient;

beforeAll(async () => {
  heddle = await startHeddle();
  user = await signUp(heddle.url);
});
afterAll(() => heddle?.stop());

describe("support triage with somebody's own examples", () => {
  it("learns them while it tells how far it is, and then answers customers from articles, without any model provider", async () => {
    const form = csvForm("Our questions", await readFile(EXAMPLES));
    const { id, rows } = await user.json<DatasetResource>("POST", `/api/workspaces/${user.workspaceId}/datasets`, { form });
    expect(rows).toBeGreaterThan(900);
    const seen: DatasetResource["training"][] = [];
    await expect
      .poll(
        async () => {
          const { training } = await user.json<DatasetResource>("GET", `/api/datasets/${id}`);
          seen.push(training);
          return training.status;
        },
        { timeout: 90_000, interval: 100 },
      )
      .toMatch(/ready|failed/);
    expect(seen.at(-1)).toMatchObject({ status: "ready", progress: 1, error: null });
    expect(seen.at(-1)?.accuracy).toBeGreaterThan(0.7);
    const progress = seen.map((training) => training.progress);
    expect(progress).toEqual(progress.toSorted((a, b) => a - b));
    expect(new Set(seen.map(({ stage }) => stage)).size).toBeGreaterThan(2);

    const body = { name: "Triage", templateId: "support-triage", variables: { examples: id } };
    const agent = await user.json<AgentDetail>("POST", `/api/workspaces/${user.workspaceId}/agents`, { body });
    expect(agent.problems.filter(({ severity }) => severity === "error")).toEqual([]);
    const deployment = await user.json<DeploymentResource>("POST", `/api/agents/${agent.id}/deploy`);
    const ask = async (message: string) => {
      const result = await user.json<ExecutionResult>("POST", `/api/deployments/${deployment.id}/execute`, {
        body: { input: { message } },
      });
      expect(result).toMatchObject({ status: "COMPLETED", tokensUsed: 0 });
      return result.output as unknown as Answer;
    };

    const swallowed = await ask("The machine has kept my card, what now?");
    expect(swallowed.intent).toBe("card_swallowed");
    expect(swallowed.confidence).toBeGreaterThan(0.5);
    expect(swallowed.alternatives.length).toBeGreaterThan(0);
    expect(swallowed.answer?.length).toBeGreaterThan(20);
    expect(swallowed.citations?.length).toBeGreaterThan(0);
    expect((await ask("Which exchange rate do you use?")).intent).toBe("exchange_rate");
    const unsure = await ask("xyzzy plugh");
    expect(unsure.confidence).toBeLessThan(swallowed.confidence);

    const { executionId } = await user.json<ExecutionResult>("POST", `/api/agents/${agent.id}/test`, {
      body: { input: { message: "I lost my phone" } },
    });
    expect((await user.trace(executionId)).every(({ status }) => status === "completed")).toBe(true);
  });

  it("needs no data at all: the template brings its own, once for all agents made from it", async () => {
    const make = () =>
      user.json<AgentDetail>("POST", `/api/workspaces/${user.workspaceId}/agents`, {
        body: { name: "Triage", templateId: "support-triage" },
      });
    await make();
    await make();
    const datasets = await user.all<DatasetResource>(`/api/workspaces/${user.workspaceId}/datasets`);
    expect(datasets.filter(({ name }) => name !== "Our questions")).toHaveLength(1);
    expect(await user.all(`/api/workspaces/${user.workspaceId}/knowledge-bases`)).toHaveLength(1);
  });

  it("is refused with data that is not there, and leaves nothing behind", async () => {
    const before = await user.all(`/api/workspaces/${user.workspaceId}/agents`);
    const body = { name: "Triage", templateId: "support-triage", variables: { examples: "0190b4d3-0000-7000-8000-000000000000" } };
    expect((await user.problem("POST", `/api/workspaces/${user.workspaceId}/agents`, { body })).status).toBeLessThan(500);
    const unknown = { name: "Triage", templateId: "support-triage", variables: { exmaples: "x" } };
    expect(await user.problem("POST", `/api/workspaces/${user.workspaceId}/agents`, { body: unknown })).toMatchObject({
      status: 400,
      code: "invalid_request",
    });
    expect(await user.all(`/api/workspaces/${user.workspaceId}/agents`)).toHaveLength(before.length);
  });
});
