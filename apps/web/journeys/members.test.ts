import { launchBrowser } from "@heddle/testing/browser";
import { type HeddleProcess, startHeddle } from "@heddle/testing/heddle-process";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { furnish, type FurnishedWorkspace, PASSWORD, register } from "./furnish.ts";
import { picture } from "./screens.ts";

type Browser = Awaited<ReturnType<typeof launchBrowser>>;

let heddle: HeddleProcess;
let owner: Browser;
let guest: Browser;
let made: FurnishedWorkspace;

beforeAll(async () => {
  heddle = await startHeddle();
  [owner, guest] = await Promise.all([launchBrowser(), launchBrowser()]);
  for (const { context } of [owner, guest]) context.setDefaultTimeout(60_000);
  const { workspaceId } = await register(owner.context.request, heddle.url, "Ada Lovelace");
  made = await furnish(owner.context.request, heddle.url, workspaceId);
});
afterAll(async () => {
  await owner?.close();
  await guest?.close();
  await heddle?.stop();
});

/** Buttons and links that would change something, wherever they stand. */
const CHANGES =
  /^(new|create|upload|add|invite|delete|rename|revoke|withdraw|train|deploy|test|run|stop|pause|go back|save|duplicate|tidy|undo|redo|show nodes|hide nodes|remove|send|rotate|turn)\b/i;
/** What viewers may change: themselves. */
const OWN = new Set(["Save"]);

test("an invited viewer joins by the link, sees everything and is offered nothing that would be refused", async () => {
  const ownersPage = await owner.context.newPage();
  await ownersPage.goto(`${heddle.url}/members`);
  await ownersPage.getByRole("button", { name: "Invite someone" }).click();
  const dialog = ownersPage.getByRole("dialog");
  await dialog.getByLabel("E-mail").fill("grace@example.com");
  await dialog.getByLabel("Role").click();
  await ownersPage.getByRole("option", { name: /^Viewer/ }).click();
  await dialog.getByRole("button", { name: "Invite", exact: true }).click();
  const link = dialog.locator("pre");
  await link.waitFor();
  await picture(ownersPage, "members-invited");
  const address = ((await link.textContent()) ?? "").trim();

  const page = await guest.context.newPage();
  await page.goto(address);
  await page.getByRole("heading", { name: /^Join Ada Lovelace/ }).waitFor();
  await page.getByRole("button", { name: "Join" }).click();
  await page.getByRole("link", { name: "Create an account" }).click();
  await page.getByLabel("Name").fill("Grace Hopper");
  await page.getByLabel("E-mail").fill("grace@example.com");
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Create account" }).click();
  await page.waitForURL("**/invitation?token=*");
  await page.getByRole("button", { name: "Join" }).click();
  await page.waitForURL("**/agents?workspace=*");
  await page.getByRole("link", { name: "Support triage" }).first().waitFor();
  await picture(page, "members-viewer-agents");

  for (const [path, sign] of [
    ["/agents", "Support triage"],
    ["/templates", "Support triage"],
    ["/datasets", "Support triage"],
    [`/datasets/view?id=${made.datasetId}`, "card_arrival"],
    ["/knowledge", "Support triage"],
    [`/knowledge/view?id=${made.knowledgeId}`, "card-delivery.md"],
    ["/deployments", "Support triage"],
    [`/deployments/view?id=${made.deploymentId}`, "Support triage"],
    ["/executions", "Support triage"],
    [`/executions/view?id=${made.executionId}`, "What is it about?"],
    ["/members", "Grace Hopper"],
    ["/api-keys", "Only administrators see the keys"],
    ["/credentials", "Orders API"],
    ["/webhooks", "Help desk"],
    [`/webhooks/view?id=${made.webhookId}`, "Deliveries"],
    ["/settings", "Settings"],
    [`/builder?agent=${made.agentId}`, "What is it about?"],
  ] as const) {
    await page.goto(heddle.url + path);
    await page.getByText(sign).first().waitFor();
    expect(await offersToChange(page), path).toEqual([]);
  }
});

test("the builder shows a viewer how each node is set, and lets nothing be changed", async () => {
  const page = await guest.context.newPage();
  await page.goto(`${heddle.url}/builder?agent=${made.agentId}`);
  await page.getByText("View only").waitFor();
  await page.locator(".react-flow__node").filter({ hasText: "What is it about?" }).click();
  const panel = page.getByRole("complementary", { name: "Panel" });
  await panel.getByRole("tab", { name: "Settings" }).waitFor();
  const fields = panel.locator("input, textarea, [role=switch], [role=combobox], [role=slider]");
  const enabled = await fields.evaluateAll((found) =>
    found.filter((field) => !field.matches(":disabled, [readonly], [data-disabled], [aria-disabled=true]")).map((field) => field.outerHTML),
  );
  expect(enabled).toEqual([]);
  await picture(page, "members-viewer-builder");
  await page.keyboard.press("Escape");
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.press("Delete");
  expect(await page.locator(".react-flow__node").count()).toBeGreaterThan(3);
});

test("a viewer who becomes a member may change things at once", async () => {
  const ownersPage = await owner.context.newPage();
  await ownersPage.goto(`${heddle.url}/members`);
  await ownersPage.getByRole("combobox", { name: "Role of Grace Hopper" }).click();
  await ownersPage.getByRole("option", { name: /^Member/ }).click();
  const page = await guest.context.newPage();
  await expect
    .poll(
      async () => {
        await page.goto(`${heddle.url}/builder?agent=${made.agentId}`);
        await page.locator(".react-flow__node").first().waitFor();
        return await page.getByRole("button", { name: "Deploy", exact: true }).count();
      },
      { timeout: 60_000 },
    )
    .toBe(1);
});

async function offersToChange(page: Page): Promise<string[]> {
  const names: string[] = [];
  for (const control of await page.locator("button:visible, main a:visible").all()) {
    if (await control.isDisabled()) continue;
    const name = (await control.getAttribute("aria-label")) ?? (await control.innerText());
    if (CHANGES.test(name.trim()) && !OWN.has(name.trim())) names.push(name.trim());
  }
  return names;
}
