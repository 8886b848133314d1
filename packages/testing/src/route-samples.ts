import type { Route } from "@heddle/api/http/route";
import type { RegisteredPerson, TestApi } from "./test-api.ts";

/** One thing of every kind in one workspace. */
export interface Samples {
  workspace: string;
  agent: string;
  deployment: string;
  /** One with an output that is large enough for a file. */
  execution: string;
  file: string;
  dataset: string;
  knowledgeBase: string;
  document: string;
  credential: string;
  apiKey: string;
  invitation: string;
  schedule: string;
  member: string;
  webhook: string;
  delivery: string;
  deadLetter: string;
}

const greeting = {
  nodes: [
    { id: "start", type: "api-trigger", name: "Call" },
    { id: "answer", type: "reply", name: "Reply", params: { mode: "text", text: "Hello {{ input.name }}" } },
    { id: "daily", type: "schedule-trigger", name: "Every morning", params: { cron: "0 9 * * *" } },
  ],
  edges: [{ id: "e1", source: { node: "start" }, target: { node: "answer" } }],
};

/** Fills a person's workspace over the API. */
export async function makeSamples(test: TestApi, owner: RegisteredPerson): Promise<Samples> {
  const { as, workspaceId } = owner;
  const make = async (path: string, body: unknown): Promise<{ id: string; executionId: string }> => {
    const response = await test.call("POST", path, { as, body });
    if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
    return (await response.json()) as { id: string; executionId: string };
  };
  const upload = async (path: string, file: File): Promise<{ id: string; items: { id: string }[] }> => {
    const form = new FormData();
    form.set("file", file);
    const response = await test.call("POST", path, { as, form });
    if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
    return (await response.json()) as { id: string; items: { id: string }[] };
  };
  const agent = (await make(`/api/workspaces/${workspaceId}/agents`, { name: "Greeter", config: greeting })).id;
  const deployment = (await make(`/api/agents/${agent}/deploy`, {})).id;
  const knowledgeBase = (await make(`/api/workspaces/${workspaceId}/knowledge-bases`, { name: "Articles" })).id;
  const documents = await upload(
    `/api/knowledge-bases/${knowledgeBase}/documents`,
    new File(["# Cards\n\nA card takes five days."], "cards.md", { type: "text/markdown" }),
  );
  // Nobody listens there, so its test fails at once.
  const webhooks = `/api/workspaces/${workspaceId}/webhooks`;
  const webhook = (await make(webhooks, { url: "http://127.0.0.1:9/hook", events: ["execution.failed"] })).id;
  const delivery = (await make(`${webhooks}/${webhook}/test`, undefined)).id;
  const members = (await (await test.call("GET", `/api/workspaces/${workspaceId}/members`, { as })).json()) as { items: { id: string }[] };
  const schedules = (await (await test.call("GET", `/api/deployments/${deployment}/schedules`, { as })).json()) as {
    items: { id: string }[];
  };
  const name = "Ada ".repeat(70_000);
  const execution = (await make(`/api/deployments/${deployment}/execute`, { input: { name } })).executionId;
  const { outputFile } = (await (await test.call("GET", `/api/executions/${execution}`, { as })).json()) as {
    outputFile?: { url: string };
  };
  return {
    workspace: workspaceId,
    agent,
    deployment,
    execution,
    file: outputFile?.url.split("/").at(-1) ?? "",
    dataset: (
      await upload(
        `/api/workspaces/${workspaceId}/datasets`,
        new File(["text,label\nhello,greeting\nhi there,greeting\nbye,farewell\nsee you,farewell\n"], "intents.csv", { type: "text/csv" }),
      )
    ).id,
    knowledgeBase,
    document: documents.items[0]?.id ?? "",
    credential: (
      await make(`/api/workspaces/${workspaceId}/credentials`, { name: "Key", type: "openai", fields: { apiKey: "sk-canary-0123456789" } })
    ).id,
    apiKey: (await make(`/api/workspaces/${workspaceId}/api-keys`, { name: "sample", scopes: ["read"] })).id,
    invitation: (await make(`/api/workspaces/${workspaceId}/invitations`, { email: "guest@example.com", role: "VIEWER" })).id,
    schedule: schedules.items[0]?.id ?? "",
    member: members.items[0]?.id ?? "",
    webhook,
    delivery,
    deadLetter: await makeDeadLetter(test, { workspaceId, agent, deployment }),
  };
}

/** A run that has failed for good, as the journal leaves it. */
async function makeDeadLetter(test: TestApi, of: { workspaceId: string; agent: string; deployment: string }): Promise<string> {
  return await test.database.asOwner(async (client) => {
    const { rows } = await client.query<{ id: string }>(
      `INSERT INTO dead_letters (workspace_id, execution_id, agent_id, deployment_id, version, trigger, input, error, attempts)
       VALUES ($1, heddle_uuid(), $2, $3, 1, 'api', '{}', '{"code":"http_failed","message":"gone"}', 5) RETURNING execution_id AS id`,
      [of.workspaceId, of.agent, of.deployment],
    );
    return rows[0]?.id ?? "";
  });
}

/** A route's address with the ids of samples in it. */
export function pathOf(route: Pick<Route, "path">, samples: Samples): string {
  const [, , collection] = route.path.split("/");
  const owner: Record<string, string> = {
    workspaces: samples.workspace,
    agents: samples.agent,
    deployments: samples.deployment,
    hooks: samples.deployment,
    executions: samples.execution,
    datasets: samples.dataset,
    "knowledge-bases": samples.knowledgeBase,
    credentials: samples.credential,
    templates: "support-triage",
  };
  const named: Record<string, string> = {
    memberId: samples.member,
    keyId: samples.apiKey,
    invitationId: samples.invitation,
    documentId: samples.document,
    fileId: samples.file,
    webhookId: samples.webhook,
    deliveryId: samples.delivery,
    letterId: samples.deadLetter,
    provider: "google",
    path: "orders",
    token: "x".repeat(43),
    scheduleId: samples.schedule,
    id: owner[collection ?? ""] ?? "",
  };
  return route.path.replace("{.+}", "").replaceAll(/:([A-Za-z]+)/g, (_, name: string) => named[name] ?? "");
}

/** A body that each route takes, so that a request gets as far as its use case. */
export const BODIES: Record<string, unknown> = {
  "agents.create": { name: "Mine", config: greeting },
  "agents.update": { name: "Renamed" },
  "agents.test": { input: {} },
  "agents.rollback": { version: 1 },
  "approvals.decide": { key: "ask#", decision: "reject" },
  "apiKeys.create": { name: "mine", scopes: ["read"] },
  "apiKeys.update": { name: "mine" },
  "credentials.create": { name: "Mine", type: "openai", fields: { apiKey: "sk-x" } },
  "credentials.update": { name: "Mine" },
  "datasets.rename": { name: "Mine" },
  "deployments.execute": { input: {} },
  "deployments.update": { status: "INACTIVE" },
  "invitations.accept": { token: "x" },
  "invitations.create": { email: "other@example.com", role: "VIEWER" },
  "knowledge.create": { name: "Mine" },
  "knowledge.rename": { name: "Mine" },
  "knowledge.search": { query: "card" },
  "limits.update": { month: { executions: 100_000 } },
  "limits.updateAgent": { rateLimit: 1_000 },
  "members.update": { role: "VIEWER" },
  "webhooks.create": { url: "http://127.0.0.1:9/hook", events: ["execution.completed"] },
  "webhooks.update": { description: "Mine" },
  "webhooks.redrive": { since: "2026-01-01T00:00:00Z" },
  "schedules.update": { isPaused: true },
  "workspaces.create": { name: "Mine" },
  "workspaces.update": { name: "Mine" },
};

/** What to send to a route so that its use case decides. */
export function sampleCall(route: Route): { body?: unknown; form?: FormData } {
  if (route.body === "upload") {
    const form = new FormData();
    form.set("name", "Mine");
    form.set("file", new File(["text,label\na,b\n"], "mine.csv", { type: "text/csv" }));
    return { form };
  }
  return route.body === undefined ? {} : { body: BODIES[route.id] ?? {} };
}

/** An answer's text, for messages of tests; of a stream of events, which may have no end, nothing. */
export async function textOf(response: Response): Promise<string> {
  if (response.headers.get("content-type") !== "text/event-stream") return await response.clone().text();
  await response.body?.cancel();
  return "";
}
