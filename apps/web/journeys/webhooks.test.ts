import type { AgentDetail, DeploymentResource } from "@heddle/schema";
import { launchBrowser } from "@heddle/testing/browser";
import { type HeddleProcess, startHeddle } from "@heddle/testing/heddle-process";
import { answering, startWebhookReceiver, type WebhookReceiver } from "@heddle/testing/servers/webhook-receiver";
import { afterAll, beforeAll, expect, test } from "vitest";
import { call, register } from "./furnish.ts";
import { pressOn, typeInto } from "./keyboard.ts";
import { picture } from "./screens.ts";

let heddle: HeddleProcess;
let receiver: WebhookReceiver;
let browser: Awaited<ReturnType<typeof launchBrowser>>;

beforeAll(async () => {
  receiver = await startWebhookReceiver();
  heddle = await startHeddle({ environment: { HEDDLE_EGRESS_ALLOW: new URL(receiver.url).host } });
  browser = await launchBrowser();
  browser.context.setDefaultTimeout(60_000);
});
afterAll(async () => {
  await browser?.close();
  await heddle?.stop();
  await receiver?.close();
});

const greeter = {
  schemaVersion: 1,
  nodes: [
    { id: "start", type: "api-trigger", name: "Call" },
    { id: "answer", type: "reply", name: "Reply", params: { mode: "text", text: "Hello {{ input.name }}" } },
  ],
  edges: [{ id: "e1", source: { node: "start", port: "out" }, target: { node: "answer", port: "in" } }],
};

test("a webhook is made, tried and watched without a mouse", async () => {
  const { request } = browser.context;
  const { workspaceId } = await register(request, heddle.url, "Ada Webhook");
  const agent = await call<AgentDetail>(request, "POST", `${heddle.url}/api/workspaces/${workspaceId}/agents`, {
    name: "Greeter",
    config: greeter,
  });
  const deployment = await call<DeploymentResource>(request, "POST", `${heddle.url}/api/agents/${agent.id}/deploy`);
  const page = await browser.context.newPage();
  await page.goto(`${heddle.url}/agents`);
  await pressOn(page, page.getByRole("link", { name: "Webhooks" }));
  await page.waitForURL("**/webhooks");
  await pressOn(page, page.getByRole("button", { name: "New webhook" }));
  await typeInto(page, page.getByLabel("Address"), receiver.url);
  await typeInto(page, page.getByLabel("What it is for"), "Help desk");
  await pressOn(page, page.getByRole("button", { name: "Create the webhook" }));

  await page.getByRole("heading", { name: "Help desk" }).waitFor();
  receiver.behave(answering(503, { "content-type": "text/plain" }, "Not before nine"));
  await pressOn(page, page.getByRole("button", { name: "Send a test" }));
  await page.getByText("Not before nine").waitFor();
  await picture(page, "webhooks-test-failed");
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });

  receiver.behave(answering(204));
  await call(request, "POST", `${heddle.url}/api/deployments/${deployment.id}/execute`, { input: { name: "Grace" } });
  await expect.poll(() => receiver.received.length, { timeout: 30_000 }).toBe(2);
  expect(receiver.received[1]?.body).toContain("Hello Grace");
  await pressOn(page, page.getByRole("link", { name: "A run has completed" }));
  await page.getByRole("dialog").getByText("Hello Grace").waitFor();
  await picture(page, "webhooks-delivered");
  await pressOn(page, page.getByRole("link", { name: "Open the run" }));
  await page.getByRole("heading", { name: "Greeter" }).waitFor();
});
