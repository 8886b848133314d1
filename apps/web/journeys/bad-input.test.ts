import { launchBrowser } from "@heddle/testing/browser";
import { type HeddleProcess, startHeddle } from "@heddle/testing/heddle-process";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { call, PASSWORD, register } from "./furnish.ts";
import { picture } from "./screens.ts";

let heddle: HeddleProcess;
let page: Page;
let closeBrowser: () => Promise<void>;
let who: { email: string; workspaceId: string };

beforeAll(async () => {
  heddle = await startHeddle();
  const { context, close } = await launchBrowser();
  closeBrowser = close;
  context.setDefaultTimeout(60_000);
  who = await register(context.request, heddle.url, "Ada Lovelace");
  page = await context.newPage();
});
afterAll(async () => {
  await closeBrowser?.();
  await heddle?.stop();
});

test("a wrong password is refused in a sentence, and the right one still opens the door", async () => {
  await page.context().clearCookies();
  await page.goto(`${heddle.url}/agents`);
  await page.waitForURL("**/sign-in?*");
  await page.getByLabel("E-mail").fill(who.email);
  await page.getByLabel("Password").fill("not this one");
  await page.keyboard.press("Enter");
  await page.getByRole("alert").getByText("invalid_credentials").waitFor();
  await picture(page, "bad-password");
  await page.getByLabel("Password").fill(PASSWORD);
  await page.keyboard.press("Enter");
  await page.waitForURL("**/agents");
  await page.getByRole("heading", { name: "Agents" }).waitFor();
});

test("files that can't be examples are refused where they were chosen, and a good one goes in afterwards", async () => {
  await page.goto(`${heddle.url}/datasets`);
  await page.getByRole("button", { name: "Upload a data set" }).first().click();
  const dialog = page.getByRole("dialog");
  const file = dialog.locator("input[type=file]");
  const upload = dialog.getByRole("button", { name: "Upload", exact: true });
  const alert = dialog.getByRole("alert");

  await file.setInputFiles({ name: "huge.csv", mimeType: "text/csv", buffer: Buffer.alloc(26 * 1024 * 1024, "a,b\n") });
  await alert.getByText("huge.csv has 26.0 MB").waitFor();
  expect(await upload.isDisabled(), "nothing to upload").toBe(true);
  await picture(page, "bad-file-size");

  await file.setInputFiles({ name: "broken.csv", mimeType: "text/csv", buffer: Buffer.from('text,label\n"where is my card,arrival\n') });
  await upload.click();
  await alert.getByText("csv_invalid").waitFor();
  await picture(page, "bad-csv");

  await file.setInputFiles({
    name: "good.csv",
    mimeType: "text/csv",
    buffer: Buffer.from("text,label\nwhere is my card,arrival\nit has not come,arrival\nchange my pin,pin\nnew pin please,pin\n"),
  });
  await upload.click();
  await dialog.waitFor({ state: "detached" });
  await page.getByText("good").first().waitFor();
  const { items } = await call<{ items: { name: string }[] }>(
    page.context().request,
    "GET",
    `${heddle.url}/api/workspaces/${who.workspaceId}/datasets`,
  );
  expect(items.map(({ name }) => name)).toEqual(["good"]);
});

test("an expression that names what is not there shows among the problems and stops deploying until it is mended", async () => {
  const agent = await call<{ id: string }>(page.context().request, "POST", `${heddle.url}/api/workspaces/${who.workspaceId}/agents`, {
    name: "Greeter",
    config: greeter,
  });
  await page.goto(`${heddle.url}/builder?agent=${agent.id}`);
  await page.locator(".react-flow__node").filter({ hasText: "Greeting" }).click();
  const field = page.getByRole("textbox", { name: "Text", exact: true });
  await field.fill("Hello {{ start.output.nmae }}");
  const problems = page.getByRole("tab", { name: /^Problems/ });
  await problems.getByText("1").waitFor();
  await problems.click();
  const problem = page.getByRole("list", { name: "Problems" }).getByRole("button", { name: /nmae/ });
  await problem.waitFor();
  await picture(page, "bad-expression");

  await page.getByRole("button", { name: "Deploy", exact: true }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("heading", { name: "Mend this first" }).waitFor();
  expect(await dialog.getByRole("button", { name: "Deploy", exact: true }).count()).toBe(0);
  await picture(page, "bad-expression-deploy");
  await dialog.getByRole("button", { name: /nmae/ }).click();

  await expect.poll(() => field.evaluate((element) => element === document.activeElement), { timeout: 30_000 }).toBe(true);
  await field.fill("Hello {{ start.output.name }}");
  await problems.getByText("1").waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Deploy", exact: true }).click();
  await dialog.getByRole("button", { name: "Deploy", exact: true }).click();
  await dialog.getByRole("heading", { name: "Version 1 is live" }).waitFor();
});

const greeter = {
  schemaVersion: 1,
  nodes: [
    {
      id: "start",
      type: "api-trigger",
      name: "Visitor",
      position: { x: 0, y: 0 },
      params: {
        schema: { type: "object", properties: { name: { type: "string" } }, required: ["name"], additionalProperties: false },
      },
    },
    {
      id: "greeting",
      type: "format",
      name: "Greeting",
      position: { x: 300, y: 0 },
      params: { mode: "text", text: "Hello {{ start.output.name }}" },
    },
  ],
  edges: [{ id: "e1", source: { node: "start", port: "out" }, target: { node: "greeting", port: "in" } }],
};
