// The README's pictures, of the real product: node apps/web/journeys/take-pictures.ts
// Needs the built pages and Chromium; writes docs/pictures/{builder,trace}-{light,dark}.png.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { launchBrowser } from "@heddle/testing/browser";
import { startHeddle } from "@heddle/testing/heddle-process";
import { furnish, register } from "./furnish.ts";

const folder = join(import.meta.dirname, "../../../docs/pictures");
mkdirSync(folder, { recursive: true });
const heddle = await startHeddle();
try {
  for (const colorScheme of ["light", "dark"] as const) {
    const { context, close } = await launchBrowser({ colorScheme, width: 1440, height: 900 });
    context.setDefaultTimeout(60_000);
    const { workspaceId } = await register(context.request, heddle.url, "Ada Lovelace");
    const { agentId, executionId } = await furnish(context.request, heddle.url, workspaceId);
    const page = await context.newPage();
    await page.goto(`${heddle.url}/builder?agent=${agentId}`);
    await page.getByRole("button", { name: "Hide nodes" }).click();
    await page.getByRole("button", { name: "Test", exact: true }).click();
    await page.getByRole("textbox", { name: "Message" }).fill("My card still hasn't arrived, what now?");
    await page.keyboard.press("Enter");
    await page.getByRole("list", { name: "Sources" }).waitFor();
    await page.locator(".react-flow").getByText("Done").first().waitFor({ state: "attached" });
    await page.screenshot({ path: join(folder, `builder-${colorScheme}.png`) });
    await page.goto(`${heddle.url}/executions/view?id=${executionId}`);
    await page.getByRole("list", { name: "Steps" }).getByRole("button").nth(1).click();
    await page.waitForLoadState("networkidle");
    await page.screenshot({ path: join(folder, `trace-${colorScheme}.png`) });
    await close();
  }
} finally {
  await heddle.stop();
}
