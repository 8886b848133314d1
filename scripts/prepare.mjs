// Makes a checkout ready to run: installs, links the pinned Node, generates the database client, builds the pages.
// Each step is skipped when nothing it depends on has changed. Runs on any Node from 20.19 on.
import { existsSync, mkdirSync, readlinkSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { capture, node, root, run, say, whenChanged } from "./project.mjs";
import { prune } from "./prune.mjs";

const MINIMUM = [20, 19];

/** @param {{ pages?: boolean }} options `pages: false` leaves the web build out. */
export async function prepare({ pages = true } = {}) {
  checkNode();
  await whenChanged(
    "install",
    ["package-lock.json", "scripts/prune.mjs"],
    existsSync(join(root, "node_modules/.package-lock.json")),
    install,
  );
  linkNode();
  await whenChanged(
    "database-client",
    ["packages/db/prisma/schema.prisma", "packages/db/scripts", "package-lock.json"],
    existsSync(join(root, "packages/db/generated")),
    () => quietly("Generating the database client", node, ["packages/db/scripts/generate.mjs"]),
  );
  if (!pages) return;
  const sources = [
    "apps/web",
    "packages/schema",
    "packages/expression",
    "packages/graph",
    "packages/node-kit",
    "packages/nodes",
    "packages/api",
    "package-lock.json",
  ];
  await whenChanged("pages", sources, existsSync(join(root, "apps/web/out/index.html")), () =>
    quietly("Building the pages (under a minute)", node, ["node_modules/next/dist/bin/next", "build", "apps/web"]),
  );
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major > MINIMUM[0] || (major === MINIMUM[0] && minor >= MINIMUM[1])) return;
  console.error(`Heddle needs Node ${MINIMUM.join(".")} or later to start; this is ${process.versions.node}.`);
  process.exit(1);
}

async function install() {
  say("Installing packages (about a minute, the first time only)");
  await run("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], { env: process.env, label: "npm ci" });
  const freed = prune();
  say(`Installed; removed ${freed} MB of files for other platforms and unused tools`);
}

/** Links the pinned Node; where its package has no build for this platform, the running one if it is new enough. */
function linkNode() {
  const pinned = join(root, "node_modules", `node-${process.platform}-${process.arch}`, "bin", "node");
  const target = existsSync(pinned) ? pinned : process.execPath;
  if (target === process.execPath && Number(process.versions.node.split(".")[0]) < 24) {
    console.error(`There is no packaged Node 24 for ${process.platform}-${process.arch}. Install Node 24 and start again.`);
    process.exit(1);
  }
  if (existsSync(node) && readlinkSync(node) === target) return;
  mkdirSync(dirname(node), { recursive: true });
  rmSync(node, { force: true });
  symlinkSync(target, node);
}

/** Runs a build step; its output is shown only when it fails. */
async function quietly(label, command, args) {
  say(label);
  const { code, output } = await capture(command, args);
  if (code === 0) return;
  process.stdout.write(output);
  throw new Error(`${label} failed; its output is above`);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    await prepare();
  } catch (error) {
    console.error(`Heddle could not be prepared: ${error.message}`);
    process.exit(1);
  }
}
