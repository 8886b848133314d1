import { readdirSync } from "node:fs";
import { join } from "node:path";
import { launchBrowser } from "@heddle/testing/browser";
import { type HeddleProcess, startHeddle } from "@heddle/testing/heddle-process";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { furnish, type FurnishedWorkspace, register } from "./furnish.ts";
import { picture, seriousViolations } from "./screens.ts";

let heddle: HeddleProcess;
let furnished: FurnishedWorkspace;

/** Every page of the product, with ids where it wants them. A page that is not listed fails the first test. */
const PAGES: Record<string, (made: FurnishedWorkspace) => string> = {
  "/": () => "/",
  "/sign-in": () => "/sign-in",
  "/sign-up": () => "/sign-up",
  "/forgot-password": () => "/forgot-password",
  "/reset-password": () => "/reset-password?token=none",
  "/invitation": () => "/invitation?token=none",
  "/docs/api": () => "/docs/api",
  "/docs/errors": () => "/docs/errors",
  "/docs/nodes": () => "/docs/nodes",
  "/docs/operation": () => "/docs/operation",
  "/docs/runs": () => "/docs/runs",
  "/docs/webhooks": () => "/docs/webhooks",
  "/agents": () => "/agents",
  "/templates": () => "/templates",
  "/templates/use": () => "/templates/use?id=support-triage",
  "/builder": ({ agentId }) => `/builder?agent=${agentId}`,
  "/datasets": () => "/datasets",
  "/datasets/view": ({ datasetId }) => `/datasets/view?id=${datasetId}`,
  "/knowledge": () => "/knowledge",
  "/knowledge/view": ({ knowledgeId }) => `/knowledge/view?id=${knowledgeId}`,
  "/deployments": () => "/deployments",
  "/deployments/view": ({ deploymentId }) => `/deployments/view?id=${deploymentId}`,
  "/executions": () => "/executions",
  "/executions/dead-letters": () => "/executions/dead-letters",
  "/executions/view": ({ failedId }) => `/executions/view?id=${failedId}`,
  "/approvals": () => "/approvals",
  "/members": () => "/members",
  "/api-keys": () => "/api-keys",
  "/credentials": () => "/credentials",
  "/webhooks": () => "/webhooks",
  "/webhooks/view": ({ webhookId }) => `/webhooks/view?id=${webhookId}`,
  "/settings": () => "/settings",
  "/settings/limits": () => "/settings/limits",
};
/** Answers that these pages are about, and which the browser reports on its console. */
const EXPECTED_COMPLAINTS: Record<string, RegExp> = { "/invitation": /404/ };

beforeAll(async () => {
  heddle = await startHeddle();
});
afterAll(() => heddle?.stop());

test("every page is looked at", () => {
  const app = join(import.meta.dirname, "../app");
  const found = readdirSync(app, { recursive: true, encoding: "utf8" })
    .filter((file) => /(^|\/)page\.tsx$/.test(file))
    .map((file) => `/${file.replace(/\/?page\.tsx$/, "").replaceAll(/\([^)]*\)\/?/g, "")}`);
  expect(Object.keys(PAGES).toSorted()).toEqual(found.toSorted());
});

describe.for([
  { name: "light-wide", colorScheme: "light" as const, width: 1440, height: 900 },
  { name: "dark-narrow", colorScheme: "dark" as const, width: 390, height: 844 },
])("in $name", ({ name, ...look }) => {
  let page: Page;
  let close: () => Promise<void>;
  const complaints: string[] = [];
  const strangers: string[] = [];

  beforeAll(async () => {
    const browser = await launchBrowser(look);
    close = browser.close;
    const { workspaceId } = await register(browser.context.request, heddle.url, `Ada ${name}`);
    furnished = await furnish(browser.context.request, heddle.url, workspaceId);
    page = await browser.context.newPage();
    page.setDefaultTimeout(60_000);
    page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("request", (request) => {
      if (!request.url().startsWith(heddle.url) && !/^(data|blob):/.test(request.url())) strangers.push(request.url());
    });
  });
  afterAll(() => close?.());

  test.for(Object.keys(PAGES))("%s is accessible, keeps to its width and complains about nothing", async (path) => {
    complaints.length = 0;
    await page.goto(heddle.url + PAGES[path]?.(furnished));
    await page.waitForLoadState("networkidle");
    await page.locator("h1, h2").first().waitFor();
    await picture(page, `${name}${path.replaceAll("/", "-")}`);
    expect(await seriousViolations(page)).toEqual([]);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(overflow, "pixels that stick out sideways").toBeLessThanOrEqual(0);
    expect(complaints.filter((text) => EXPECTED_COMPLAINTS[path]?.test(text) !== true)).toEqual([]);
    expect(strangers, "requests to other sites").toEqual([]);
  });

  test("dialogs are accessible", async () => {
    for (const [path, opener] of [
      ["/datasets", "Upload a data set"],
      ["/knowledge", "New knowledge base"],
      ["/api-keys", "New API key"],
      ["/credentials", "New credential"],
      ["/members", "Invite someone"],
      ["/webhooks", "New webhook"],
      ["/executions/dead-letters", "Try all again"],
      ["/approvals", "Decide"],
      [`/webhooks/view?id=${furnished.webhookId}`, "Change"],
      [`/webhooks/view?id=${furnished.webhookId}`, "Rotate"],
      [`/webhooks/view?id=${furnished.webhookId}`, "Send dead letters again"],
    ] as const) {
      await page.goto(heddle.url + path);
      await page.getByRole("button", { name: opener }).first().click();
      await page.getByRole("dialog").waitFor();
      expect(await seriousViolations(page), path).toEqual([]);
    }
  });
});
