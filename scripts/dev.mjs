// `npm run dev`: the server restarts when its sources change, the pages reload by themselves.
import { spawn } from "node:child_process";
import { childEnvironment, node, root, say } from "./project.mjs";
import { prepare } from "./prepare.mjs";

const PAGES_PORT = Number(process.env.PORT ?? 3000);
const SERVER_PORT = PAGES_PORT + 1;

await prepare({ pages: false });
const origin = `http://localhost:${PAGES_PORT}`;
const children = [
  start([node, "--max-semi-space-size=24", "--watch", "--watch-preserve-output", "apps/server/src/main.ts"], {
    PORT: String(SERVER_PORT),
    HEDDLE_PUBLIC_URL: process.env.HEDDLE_PUBLIC_URL ?? origin,
  }),
  start([node, "node_modules/next/dist/bin/next", "dev", "apps/web", "--port", String(PAGES_PORT)], {
    HEDDLE_API_PORT: String(SERVER_PORT),
  }),
];
say(`Pages on ${origin}, the server behind them on ${SERVER_PORT}. Ctrl-C stops both.`);

function start([command, ...args], environment) {
  const child = spawn(command, args, { cwd: root, stdio: "inherit", env: { ...childEnvironment, ...environment } });
  child.on("exit", (code) => stop(code ?? 1));
  return child;
}

let isStopping = false;
function stop(code) {
  if (isStopping) return;
  isStopping = true;
  process.exitCode = code;
  for (const child of children) child.kill("SIGTERM");
}
process.on("SIGINT", () => stop(0));
process.on("SIGTERM", () => stop(0));
