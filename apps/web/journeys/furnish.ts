import type { AgentDetail, DeploymentResource, ExecutionResource, ExecutionResult, Page as ListPage } from "@heddle/schema";
import type { APIRequestContext } from "playwright-core";

/** A workspace in which something has happened, so that no page is empty. */
export interface FurnishedWorkspace {
  workspaceId: string;
  agentId: string;
  deploymentId: string;
  datasetId: string;
  knowledgeId: string;
  /** A run of the deployment that went well. */
  executionId: string;
  /** A run that failed, with the error in its trace. */
  failedId: string;
  /** A run that nobody waited for and that failed for good. */
  deadLetterId: string;
  /** A run that waits for a person to decide. */
  waitingId: string;
  /** A webhook whose receiver does not answer, and its failed test. */
  webhookId: string;
  webhookDeliveryId: string;
}

export const PASSWORD = "correct horse battery";
let people = 0;

/** Makes an account by the API and leaves its session in the browser's cookies. */
export async function register(request: APIRequestContext, url: string, name: string): Promise<{ email: string; workspaceId: string }> {
  const email = `${name.toLowerCase().replaceAll(" ", ".")}.${Date.now()}.${people++}@example.com`;
  await call(request, "POST", `${url}/api/auth/register`, { name, email, password: PASSWORD });
  const { items } = await call<ListPage<{ id: string }>>(request, "GET", `${url}/api/workspaces`);
  return { email, workspaceId: items[0]?.id ?? "" };
}

/** Fills the workspace of whoever is signed in: an agent of the template, deployed and called, and one that fails. */
export async function furnish(request: APIRequestContext, url: string, workspaceId: string): Promise<FurnishedWorkspace> {
  const workspace = `${url}/api/workspaces/${workspaceId}`;
  const agent = await call<AgentDetail>(request, "POST", `${workspace}/agents`, { name: "Support triage", templateId: "support-triage" });
  const deployment = await call<DeploymentResource>(request, "POST", `${url}/api/agents/${agent.id}/deploy`);
  let executionId = "";
  for (const message of ["How do I change my PIN?", "What is the best recipe for pancakes?", "The ATM kept my card!"])
    ({ executionId } = await call<ExecutionResult>(request, "POST", `${url}/api/deployments/${deployment.id}/execute`, {
      input: { message },
    }));
  const failing = await call<AgentDetail>(request, "POST", `${workspace}/agents`, { name: "Order lookup", config: failingAgent });
  await request.post(`${url}/api/agents/${failing.id}/test`, { data: { input: {} } });
  const deadLetterId = await leaveDeadLetter(request, { url, workspace, agentId: failing.id });
  const waitingId = await leaveWaiting(request, url, workspace);
  const runs = await call<ListPage<ExecutionResource>>(request, "GET", `${workspace}/executions?status=FAILED`);
  await call(request, "POST", `${workspace}/api-keys`, { name: "Help desk", scopes: ["read", "write"] });
  await call(request, "POST", `${workspace}/credentials`, {
    name: "Orders API",
    type: "http-bearer",
    fields: { token: "not-a-real-one" },
    allowedHosts: ["orders.example.com"],
  });
  await call(request, "POST", `${workspace}/invitations`, { email: `grace.${Date.now()}@example.com`, role: "MEMBER" });
  const webhook = await call<{ id: string }>(request, "POST", `${workspace}/webhooks`, {
    url: "http://localhost:9/webhooks/heddle?team=7",
    description: "Help desk",
    events: ["execution.completed", "execution.failed"],
  });
  const delivery = await call<{ id: string }>(request, "POST", `${workspace}/webhooks/${webhook.id}/test`);
  const datasets = await call<ListPage<{ id: string }>>(request, "GET", `${workspace}/datasets`);
  const bases = await call<ListPage<{ id: string }>>(request, "GET", `${workspace}/knowledge-bases`);
  return {
    workspaceId,
    agentId: agent.id,
    deploymentId: deployment.id,
    datasetId: datasets.items[0]?.id ?? "",
    knowledgeId: bases.items[0]?.id ?? "",
    executionId,
    failedId: runs.items[0]?.id ?? "",
    deadLetterId,
    waitingId,
    webhookId: webhook.id,
    webhookDeliveryId: delivery.id,
  };
}

/** Leaves a failing agent to a worker, and waits until it is given up. */
async function leaveDeadLetter(
  request: APIRequestContext,
  { url, workspace, agentId }: { url: string; workspace: string; agentId: string },
): Promise<string> {
  const { id } = await call<DeploymentResource>(request, "POST", `${url}/api/agents/${agentId}/deploy`);
  await call(request, "POST", `${url}/api/deployments/${id}/execute?async=1`, { input: { order: "A-17" } });
  for (;;) {
    const { items } = await call<ListPage<{ id: string }>>(request, "GET", `${workspace}/dead-letters`);
    if (items[0] !== undefined) return items[0].id;
    await new Promise((done) => setTimeout(done, 50));
  }
}

/** Starts a run that asks for a refund, and waits until it waits. */
export async function leaveWaiting(request: APIRequestContext, url: string, workspace: string): Promise<string> {
  const agent = await call<AgentDetail>(request, "POST", `${workspace}/agents`, { name: "Refunds", config: askingAgent });
  const { id } = await call<DeploymentResource>(request, "POST", `${url}/api/agents/${agent.id}/deploy`);
  await call(request, "POST", `${url}/api/deployments/${id}/execute?async=1`, { input: { customer: "Grace", amount: 120 } });
  for (;;) {
    const { items } = await call<ListPage<{ executionId: string; agentId: string }>>(request, "GET", `${workspace}/approvals`);
    const wait = items.find(({ agentId }) => agentId === agent.id);
    if (wait !== undefined) return wait.executionId;
    await new Promise((done) => setTimeout(done, 50));
  }
}

/** Asks a person before it gives money back. */
const askingAgent = {
  schemaVersion: 1,
  nodes: [
    { id: "start", type: "api-trigger", name: "Request", position: { x: 0, y: 0 } },
    {
      id: "ask",
      type: "wait",
      name: "Ask",
      position: { x: 320, y: 0 },
      params: {
        kind: "approval",
        title: "Refund {{ input.amount }} € to {{ input.customer }}?",
        message: "The parcel came back damaged. The customer has been with us for six years.",
        deadline: 2,
        deadlineUnit: "days",
        form: {
          type: "object",
          properties: {
            reason: { type: "string", maxLength: 120, description: "The customer reads it." },
            amount: { type: "number", default: 120 },
            method: { type: "string", enum: ["Card", "Voucher"], default: "Card" },
            isUrgent: { type: "boolean", title: "Before the others" },
          },
          required: ["reason", "amount"],
        },
      },
    },
    {
      id: "yes",
      type: "reply",
      name: "Refunded",
      position: { x: 640, y: 0 },
      params: { mode: "text", text: "Refunded: {{ ask.output.values.reason }}" },
    },
    { id: "no", type: "reply", name: "Refused", position: { x: 640, y: 160 }, params: { mode: "text", text: "Refused" } },
  ],
  edges: [
    { id: "e1", source: { node: "start", port: "out" }, target: { node: "ask", port: "in" } },
    { id: "e2", source: { node: "ask", port: "approved" }, target: { node: "yes", port: "in" } },
    { id: "e3", source: { node: "ask", port: "rejected" }, target: { node: "no", port: "in" } },
  ],
};

/** Asks for a thing that the input lacks, in code that says so. */
const failingAgent = {
  schemaVersion: 1,
  nodes: [
    { id: "start", type: "api-trigger", name: "Order", position: { x: 0, y: 0 } },
    {
      id: "check",
      type: "code",
      name: "Check the order",
      position: { x: 280, y: 0 },
      params: { language: "javascript", source: 'throw new Error("The order has no number.");' },
    },
  ],
  edges: [{ id: "e1", source: { node: "start", port: "out" }, target: { node: "check", port: "in" } }],
};

/** One call of the API that must go well. */
export async function call<T>(request: APIRequestContext, method: "GET" | "POST", url: string, data?: unknown): Promise<T> {
  const response = await request.fetch(url, { method, ...(data === undefined ? {} : { data }), timeout: 90_000 });
  if (!response.ok()) throw new Error(`${method} ${url}: ${response.status()} ${await response.text()}`);
  return (await response.json()) as T;
}
