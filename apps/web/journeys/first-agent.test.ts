import { launchBrowser } from "@heddle/testing/browser";
import { type HeddleProcess, startHeddle } from "@heddle/testing/heddle-process";
import type { BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { pressOn, tabTo, typeInto } from "./keyboard.ts";
import { picture } from "./screens.ts";

let heddle: HeddleProcess;
let context: BrowserContext;
let page: Page;
let closeBrowser: () => Promise<void>;

beforeAll(async () => {
  heddle = await startHeddle();
  const browser = await launchBrowser();
  ({ context, close: closeBrowser } = browser);
  context.setDefaultTimeout(60_000);
  page = await context.newPage();
});
afterAll(async () => {
  await closeBrowser?.();
  await heddle?.stop();
});

const QUESTION = "My card still has not arrived, what can I do?";

test("from sign-up to a deployed agent that a program calls, with the keyboard alone", async () => {
  await page.goto(heddle.url);
  await picture(page, "1-landing");
  await pressOn(page, page.getByRole("link", { name: "Create your account" }));

  await typeInto(page, page.getByLabel("Name"), "Ada Lovelace");
  await typeInto(page, page.getByLabel("E-mail"), "ada@example.com");
  await typeInto(page, page.getByLabel("Password"), "correct horse battery");
  await picture(page, "2-sign-up");
  await page.keyboard.press("Enter");

  await page.waitForURL("**/templates");
  await page.getByRole("link", { name: "Support triage" }).waitFor();
  await picture(page, "3-templates");
  await pressOn(page, page.getByRole("link", { name: "Support triage" }));

  await page.getByRole("button", { name: "Create the agent" }).waitFor();
  await picture(page, "4-wizard");
  await pressOn(page, page.getByRole("button", { name: "Create the agent" }));

  await page.waitForURL("**/builder?agent=*");
  await pressOn(page, page.getByRole("button", { name: "Test", exact: true }));
  await typeInto(page, page.getByRole("textbox", { name: "Message" }), QUESTION);
  await page.keyboard.press("Enter");
  // The first question waits for the built-in model to learn the template's examples.
  await page.getByRole("list", { name: "Sources" }).waitFor({ timeout: 150_000 });
  const canvas = page.locator(".react-flow");
  expect(await canvas.getByText("Done").count(), "nodes that show that they ran").toBeGreaterThanOrEqual(3);
  await picture(page, "5-builder-after-a-run");

  await pressOn(page, page.getByRole("button", { name: "Deploy", exact: true }));
  const dialog = page.getByRole("dialog");
  await pressOn(page, dialog.getByRole("button", { name: "Deploy", exact: true }));
  const address = dialog.locator("code").filter({ hasText: "/execute" }).first();
  await address.waitFor();
  const url = (await address.textContent()) ?? "";
  await picture(page, "6-deployed");
  await page.keyboard.press("Escape");

  await page.keyboard.press("ControlOrMeta+k");
  await page.keyboard.type("API keys");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/api-keys");
  await pressOn(page, page.getByRole("button", { name: "New API key" }));
  await typeInto(page, page.getByLabel("Name"), "Help desk");
  await page.keyboard.press("Enter");
  const keyText = page.getByRole("dialog").locator("pre");
  await keyText.waitFor();
  const key = (await keyText.textContent())?.trim() ?? "";
  await pressOn(page, page.getByRole("button", { name: "I have copied it" }));

  const response = await fetch(url, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({ input: { message: QUESTION } }),
  });
  expect(response.status).toBe(200);
  const run = (await response.json()) as { executionId: string; status: string; output: Record<string, unknown> };
  expect(run).toMatchObject({
    status: "COMPLETED",
    output: { intent: "card_arrival", confidence: expect.any(Number), alternatives: expect.any(Array), answer: expect.any(String) },
  });
  expect(run.output["citations"]).not.toHaveLength(0);

  await tabTo(page, page.getByRole("link", { name: "Executions" }));
  await page.keyboard.press("Enter");
  await page.waitForURL("**/executions");
  await pressOn(page, page.getByRole("table", { name: "Executions" }).getByRole("link").first());
  await page.waitForURL("**/executions/view?id=*");
  const steps = page.getByRole("list", { name: "Steps" });
  await pressOn(page, steps.getByRole("button").nth(1));
  await steps.getByText("card_arrival").first().waitFor();
  await picture(page, "7-trace");
  expect(page.url()).toContain(run.executionId);
});
