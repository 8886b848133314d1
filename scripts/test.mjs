// `npm test`: installs what it needs, then runs everything that must hold. Its last line is `N passed, N failed`.
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { check } from "./check.mjs";
import { findChromium, findFaketime, findRedis } from "./debian.mjs";
import { prepare } from "./prepare.mjs";
import { childEnvironment, node, run, say } from "./project.mjs";

const filters = process.argv.slice(2);
const total = { passed: 0, failed: 0 };

try {
  await prepare();
  if (filters.length === 0) add(await check());
  const programs = { ...(await findChromium()), ...(await findFaketime()), ...(await findRedis()) };
  say("Tests");
  add(await tests(programs));
} catch (error) {
  console.error(error.message);
  total.failed += 1;
}
process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;
console.log(`${total.passed} passed, ${total.failed} failed`);

/** Runs Vitest and counts its results. A suite that could not even be loaded counts as one failure. */
async function tests(programs) {
  const folder = mkdtempSync(join(tmpdir(), "heddle-test-"));
  const report = join(folder, "report.json");
  const args = [
    "node_modules/vitest/vitest.mjs",
    "run",
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report}`,
    ...filters,
  ];
  let isGreen = true;
  await run(node, args, { env: { ...childEnvironment, ...programs }, label: "vitest" }).catch(() => (isGreen = false));
  const result = existsSync(report) ? JSON.parse(readFileSync(report, "utf8")) : { numPassedTests: 0, numFailedTests: 0 };
  rmSync(folder, { recursive: true, force: true });
  const isUnexplained = !isGreen && result.numFailedTests === 0;
  const skipped = (result.numPendingTests ?? 0) + (result.numTodoTests ?? 0);
  if (skipped > 0) console.error(`${skipped} tests were skipped; a test either runs or is removed.`);
  return { passed: result.numPassedTests, failed: result.numFailedTests + skipped + (isUnexplained ? 1 : 0) };
}

function add({ passed, failed }) {
  total.passed += passed;
  total.failed += failed;
}
