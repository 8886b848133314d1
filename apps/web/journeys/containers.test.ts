import type { AgentDetail } from "@heddle/schema";
import { launchBrowser } from "@heddle/testing/browser";
import { type HeddleProcess, startHeddle } from "@heddle/testing/heddle-process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { call, leaveWaiting, register } from "./furnish.ts";
import { pressOn, tabTo, typeInto } from "./keyboard.ts";
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

test("a loop with a node inside is built, run and seen going round, with the keyboard alone", async () => {
  const { request } = browser.context;
  const { workspaceId } = await register(request, heddle.url, "Ada Loop");
  const agent = await call<AgentDetail>(request, "POST", `${heddle.url}/api/workspaces/${workspaceId}/agents`, {
    name: "Rounds",
    config: { schemaVersion: 1, nodes: [] },
  });
  const page = await browser.context.newPage();
  await page.goto(`${heddle.url}/builder?agent=${agent.id}`);
  await pressOn(page, page.getByRole("button", { name: /^API call/ }));

  // The loop follows the trigger that is selected.
  const search = page.getByRole("textbox", { name: "Search nodes" }).or(page.getByRole("searchbox", { name: "Search nodes" }));
  await typeInto(page, search, "Loop");
  await page.keyboard.press("Enter");
  const panel = page.getByRole("complementary", { name: "Panel" });
  await tabTo(page, panel.getByRole("textbox", { name: "List" }));
  await page.keyboard.type('{{ ["red", "green", "blue"] }}');
  const frame = page.getByRole("group", { name: "Loop" });
  await pressOn(page, frame.getByRole("button", { name: "Add a node inside Loop" }));
  await page.getByRole("combobox", { name: "Add a node" }).waitFor();
  expect(await page.getByRole("option", { name: "Reply" }).count(), "what can't live inside is not offered").toBe(0);
  expect(await seriousViolations(page)).toEqual([]);
  await page.keyboard.type("Format");
  await page.keyboard.press("Enter");
  await page.getByRole("group", { name: "Format" }).waitFor();
  const template = panel.getByRole("textbox", { name: /Template|Text/ }).first();
  await tabTo(page, template);
  // What holds inside is offered where it is typed.
  await page.keyboard.type("{{ ite");
  await panel.getByRole("option", { name: /^item/ }).waitFor();
  await page.keyboard.press("Enter");
  await page.keyboard.press("Escape");
  await picture(page, "loop-built");
  expect(await seriousViolations(page)).toEqual([]);

  await pressOn(page, page.getByRole("button", { name: "Test", exact: true }));
  await pressOn(page, panel.getByRole("button", { name: "Run", exact: true }));
  await frame.getByText("3/3 rounds").waitFor();
  await page.getByRole("group", { name: "Format" }).getByText("3×").waitFor();
  await panel.getByText('"count": 3').waitFor();
  await picture(page, "loop-run");
  expect(await seriousViolations(page)).toEqual([]);

  // Out by the menu, and back by undo.
  await tabTo(page, page.getByRole("group", { name: "Format" }));
  await page.keyboard.press("Enter");
  await tabTo(page, panel.getByRole("tab", { name: "Test" }));
  await page.keyboard.press("ArrowLeft");
  await pressOn(page, panel.getByRole("button", { name: "Node menu" }));
  await page.getByRole("menuitem", { name: "Move out of Loop" }).press("Enter");
  await frame.getByText("Drop nodes here").waitFor();
  await page.keyboard.press("ControlOrMeta+z");
  await frame.getByText("Drop nodes here").waitFor({ state: "detached" });
});

test("a run that waits is approved where it is listed, with the keyboard alone", async () => {
  const { request } = browser.context;
  const { workspaceId } = await register(request, heddle.url, "Grace Approver");
  const executionId = await leaveWaiting(request, heddle.url, `${heddle.url}/api/workspaces/${workspaceId}`);
  const page = await browser.context.newPage();
  await page.goto(`${heddle.url}/agents?workspace=${workspaceId}`);
  await pressOn(page, page.getByRole("link", { name: "Approvals 1 open" }));
  await pressOn(page, page.getByRole("button", { name: "Decide: Refund 120 € to Grace?" }));
  const dialog = page.getByRole("dialog");
  await typeInto(page, dialog.getByLabel("Reason"), "Damaged on the way");
  await picture(page, "approval-dialog");
  await pressOn(page, dialog.getByRole("button", { name: "Approve" }));
  await page.getByText("Nothing to decide").waitFor();
  await page.getByRole("link", { name: "Approvals", exact: true }).waitFor();
  await page.goto(`${heddle.url}/executions/view?id=${executionId}`);
  await page.getByText("Refunded: Damaged on the way").first().waitFor();
});
