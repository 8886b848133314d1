import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, chromium } from "playwright-core";

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export interface BrowserOptions {
  colorScheme?: "light" | "dark";
  width?: number;
  height?: number;
}

/** A real Chromium with an empty profile. `HEDDLE_CHROMIUM` names it; `npm test` sees to that. */
export async function launchBrowser({ colorScheme = "light", width = 1440, height = 900 }: BrowserOptions = {}): Promise<{
  context: BrowserContext;
  close: () => Promise<void>;
}> {
  const profile = await mkdtemp(join(tmpdir(), "heddle-browser-"));
  const libraries = process.env["HEDDLE_CHROMIUM_LIBRARIES"];
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env["HEDDLE_CHROMIUM"] ?? "/usr/bin/chromium",
    headless: true,
    args: FLAGS,
    colorScheme,
    reducedMotion: "reduce",
    viewport: { width, height },
    ...(libraries === undefined ? {} : { env: { ...process.env, LD_LIBRARY_PATH: libraries } as Record<string, string> }),
  });
  const close = async (): Promise<void> => {
    await context.close();
    await rm(profile, { recursive: true, force: true });
  };
  return { context, close };
}
