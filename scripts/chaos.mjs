// `npm run chaos -- --seed N --minutes M`: prepares, finds Redis and what shifts clocks, and runs the chaos run on the pinned Node.
import { findFaketime, findRedis } from "./debian.mjs";
import { prepare } from "./prepare.mjs";
import { childEnvironment, node } from "./project.mjs";
import { spawn } from "node:child_process";

await prepare();
const programs = { ...(await findRedis()), ...(await findFaketime().catch(() => ({}))) };
const child = spawn(node, ["packages/testing/src/chaos/main.ts", ...process.argv.slice(2)], {
  cwd: new URL("..", import.meta.url),
  stdio: "inherit",
  env: { ...childEnvironment, ...programs },
});
// It has processes of its own to end before it may go.
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => (signal === "SIGTERM" ? child.kill(signal) : undefined));
child.on("error", (error) => {
  console.error(error.message);
  process.exitCode = 1;
});
child.on("exit", (code) => (process.exitCode = code ?? 1));
