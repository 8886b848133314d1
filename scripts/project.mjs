// What every script needs to know about the checkout. Plain JavaScript: it runs on any Node from 20.19 on.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const modules = join(root, "node_modules");
/** Stamps of finished build steps live with the installed packages, so that both vanish together. */
const stamps = join(modules, ".heddle");

/** The Node that runs Heddle: a link to the pinned binary, made by {@link file://./prepare.mjs}. */
export const node = join(stamps, "node");

/** Environment of every child: the pinned Node first on the path, nothing that phones home. */
export const childEnvironment = {
  ...process.env,
  PATH: `${stamps}:${join(modules, ".bin")}:${process.env.PATH ?? ""}`,
  NEXT_TELEMETRY_DISABLED: "1",
  CHECKPOINT_DISABLE: "1",
};

/** Runs a program to its end; rejects with its name and exit code. */
export function run(command, args, options = {}) {
  return new Promise((done, fail) => {
    const child = spawn(command, args, { cwd: root, stdio: "inherit", env: childEnvironment, ...options });
    child.on("error", fail);
    child.on("exit", (code, signal) =>
      code === 0 ? done() : fail(new Error(`${options.label ?? `${command} ${args.join(" ")}`} ended with ${signal ?? `code ${code}`}`)),
    );
  });
}

/** Runs a program and gives back its code and what it printed. */
export function capture(command, args, options = {}) {
  return new Promise((done) => {
    let output = "";
    const child = spawn(command, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"], env: childEnvironment, ...options });
    child.stdout.on("data", (chunk) => (output += chunk));
    child.stderr.on("data", (chunk) => (output += chunk));
    child.on("error", (error) => done({ code: 127, output: String(error.message) }));
    child.on("exit", (code) => done({ code: code ?? 1, output }));
  });
}

/** Prints a line of progress with the seconds since the script began. */
export function say(text) {
  const seconds = (performance.now() / 1000).toFixed(1).padStart(6);
  process.stdout.write(`${seconds} s  ${text}\n`);
}

/** Does `work` unless the files it depends on are as they were when it last succeeded. */
export async function whenChanged(name, inputs, isThere, work) {
  const hash = hashOf(inputs);
  const stamp = join(stamps, `${name}.stamp`);
  if (isThere && existsSync(stamp) && readFileSync(stamp, "utf8") === hash) return false;
  await work();
  mkdirSync(stamps, { recursive: true });
  writeFileSync(stamp, hash);
  return true;
}

const IGNORED = new Set(["node_modules", ".next", "out", "dist", "generated", ".cache", "test-results"]);

function hashOf(inputs) {
  const hash = createHash("sha256");
  const add = (path) => {
    if (!existsSync(path)) return;
    if (statSync(path).isDirectory()) {
      for (const name of readdirSync(path).toSorted()) if (!IGNORED.has(name)) add(join(path, name));
    } else if (!/\.test\.tsx?$/.test(path)) {
      hash.update(relative(root, path)).update("\0").update(readFileSync(path)).update("\0");
    }
  };
  for (const input of inputs) add(resolve(root, input));
  return hash.digest("hex");
}
