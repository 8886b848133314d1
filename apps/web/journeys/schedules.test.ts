import type { AgentDetail, DeploymentResource } from "@heddle/schema";
import { launchBrowser } from "@heddle/testing/browser";
import { type HeddleProcess, startHeddle } from "@heddle/testing/heddle-process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { call, register } from "./furnish.ts";
import { pressOn } from "./keyboard.ts";
import { picture, seriousViolations } from "./screens.ts";

let heddle: HeddleProcess;
let browser: Awaited<ReturnType<typeof launchBrowser>>;

beforeAll(async () => {
  heddle = await startHeddle();
  browser = await launchBrowser();
  browser.context.setDefaultTimeout(60_000);
});
afterAll(async () => {
  await browser?.close();
  await heddle?.stop();
});

const reporter = {
  schemaVersion: 1,
  nodes: [
    { id: "morning", type: "schedule-trigger", name: "Every morning", params: { cron: "0 9 * * 1-5", timeZone: "Asia/Tokyo" } },
    { id: "orders", type: "webhook-trigger", name: "Orders", params: { path: "orders", verification: "none" } },
    { id: "report", type: "reply", name: "Report", params: { mode: "text", text: "Due {{ morning.output.scheduledAt }}" } },
    { id: "thanks", type: "reply", name: "Thanks", params: { mode: "text", text: "Thanks" } },
  ],
  edges: [
    { id: "e1", source: { node: "morning", port: "out" }, target: { node: "report", port: "in" } },
    { id: "e2", source: { node: "orders", port: "out" }, target: { node: "thanks", port: "in" } },
  ],
};

test("a schedule is looked at, paused, resumed and run without a mouse", async () => {
  const { request } = browser.context;
  const { workspaceId } = await register(request, heddle.url, "Ada Clock");
  const agent = await call<AgentDetail>(request, "POST", `${heddle.url}/api/workspaces/${workspaceId}/agents`, {
    name: "Reporter",
    config: reporter,
  });
  const deployment = await call<DeploymentResource>(request, "POST", `${heddle.url}/api/agents/${agent.id}/deploy`);
  const page = await browser.context.newPage();
  await page.goto(`${heddle.url}/deployments/view?id=${deployment.id}`);
  await page.getByText(`/api/hooks/${deployment.id}/orders`).waitFor();
  const runs = page.getByRole("table", { name: "Next runs of 0 9 * * 1-5" });
  // Five runs under a row of headings, in the reader's zone and in the schedule's.
  await expect.poll(() => runs.getByRole("row").count()).toBe(6);
  expect(await runs.getByRole("cell", { name: /09:00/ }).count()).toBeGreaterThanOrEqual(5);
  await runs.scrollIntoViewIfNeeded();
  expect(await seriousViolations(page)).toEqual([]);
  await picture(page, "schedules");
  await page.setViewportSize({ width: 390, height: 844 });
  await page.emulateMedia({ colorScheme: "dark" });
  await runs.scrollIntoViewIfNeeded();
  expect(await seriousViolations(page)).toEqual([]);
  await picture(page, "schedules-narrow-dark");
  await page.setViewportSize({ width: 1440, height: 900 });

  await pressOn(page, page.getByRole("button", { name: "Pause 0 9 * * 1-5" }));
  await page.getByText("Paused", { exact: true }).waitFor();
  await runs.waitFor({ state: "detached" });
  await pressOn(page, page.getByRole("button", { name: "Resume 0 9 * * 1-5" }));
  await runs.waitFor();

  await pressOn(page, page.getByRole("button", { name: "Run now: 0 9 * * 1-5" }));
  await page.waitForURL("**/executions/view?id=*");
  await page
    .getByText(/^"?Due \d{4}-/)
    .first()
    .waitFor();
});
