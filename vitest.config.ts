import { defineConfig } from "vitest/config";

/**
 * `unit` needs nothing or its own database; `acceptance` calls the real server over HTTP, `journey` drives the whole product in a browser;
 * both one file at a time.
 */
export default defineConfig({
  test: {
    pool: "forks",
    maxWorkers: 2,
    hookTimeout: 60_000,
    testTimeout: 30_000,
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          sequence: { groupOrder: 0 },
          include: ["packages/*/src/**/*.test.ts", "apps/*/**/*.test.{ts,tsx}", "templates/**/*.test.ts"],
          exclude: ["**/node_modules/**", "apps/web/out/**", "apps/web/.next/**", "apps/web/journeys/**", "apps/server/acceptance/**"],
          globalSetup: ["packages/testing/src/database-setup.ts"],
        },
      },
      {
        extends: true,
        test: {
          name: "acceptance",
          sequence: { groupOrder: 1 },
          include: ["apps/server/acceptance/**/*.test.ts"],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: "journey",
          sequence: { groupOrder: 2 },
          include: ["apps/web/journeys/**/*.test.ts"],
          fileParallelism: false,
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
