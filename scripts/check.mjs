// `npm run check`: everything that can be said about the code without running it. Two at a time, seconds in all.
import { capture, say } from "./project.mjs";
import { prepare } from "./prepare.mjs";

const CHECKS = [
  ["format", "oxfmt", ["--check", "."]],
  ["lint and package boundaries", "oxlint", ["--deny-warnings", "."]],
  ["types", "tsc", ["--noEmit", "-p", "."]],
  ["types of the pages", "tsc", ["--noEmit", "-p", "apps/web"]],
  ["unused code", "knip", ["--no-progress"]],
  ["version drift", "sherif", ["--no-install", "-r", "root-package-manager-field"]],
];

/** Runs all checks. @returns {Promise<{ passed: number, failed: number }>} */
export async function check() {
  const waiting = [...CHECKS];
  const counts = { passed: 0, failed: 0 };
  const worker = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [name, command, args] = next;
      const { code, output } = await capture(command, args);
      counts[code === 0 ? "passed" : "failed"] += 1;
      say(`${code === 0 ? "ok    " : "FAILED"} ${name}`);
      if (code !== 0) process.stdout.write(`${output}\n`);
    }
  };
  await Promise.all([worker(), worker()]);
  return counts;
}

if (import.meta.main ?? process.argv[1]?.endsWith("check.mjs")) {
  await prepare({ pages: false });
  const { failed } = await check();
  process.exitCode = failed === 0 ? 0 : 1;
}
