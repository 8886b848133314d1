// `node scripts/lock.mjs`: rewrites package-lock.json after a dependency changed, complete for every platform.
// npm leaves out platform packages that a registry does not carry, and `npm ci` then refuses its own lockfile
// (a long-known fault of npm); they are added here from what their parents ask for. Nothing on this platform needs them.
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root, run } from "./project.mjs";

const OS = ["aix", "android", "darwin", "freebsd", "linux", "netbsd", "openbsd", "openharmony", "sunos", "win32", "wasm32", "wasm32-wasi"];
const CPU = {
  arm64: "arm64",
  x64: "x64",
  ia32: "ia32",
  arm: "arm",
  ppc64: "ppc64",
  riscv64: "riscv64",
  s390x: "s390x",
  loong64: "loong64",
  mips64el: "mips64el",
};

// A folder without node_modules: with one there, npm records only what this platform uses.
const folder = mkdtempSync(join(tmpdir(), "heddle-lock-"));
for (const path of ["package.json", ".npmrc", ...manifests("packages"), ...manifests("apps")])
  cpSync(join(root, path), join(folder, path), { recursive: true });
await run("npm", ["install", "--package-lock-only", "--loglevel=error"], {
  cwd: folder,
  env: process.env,
  label: "npm install --package-lock-only",
});
const lock = JSON.parse(readFileSync(join(folder, "package-lock.json"), "utf8"));
const present = new Set(Object.keys(lock.packages).map((path) => path.split("node_modules/").at(-1)));
for (const entry of Object.values({ ...lock.packages })) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    if (present.has(name)) continue;
    present.add(name);
    lock.packages[`node_modules/${name}`] = { version: version.replace(/^[\^~]/, ""), optional: true, ...platformOf(name) };
  }
}
for (const [path, entry] of Object.entries(lock.packages)) if (entry.extraneous) delete lock.packages[path];
lock.packages = Object.fromEntries(Object.entries(lock.packages).toSorted(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(join(root, "package-lock.json"), `${JSON.stringify(lock, null, 2)}\n`);
rmSync(folder, { recursive: true, force: true });

function manifests(workspace) {
  return readdirSync(join(root, workspace)).map((name) => join(workspace, name, "package.json"));
}

/** Platform of a binding by its name, for example `@oxfmt/binding-android-arm64`. */
function platformOf(name) {
  const words = name.split(/[^a-z0-9]+/i);
  const os = OS.find((candidate) => words.includes(candidate)) ?? (name === "fsevents" ? "darwin" : undefined);
  const cpu = Object.keys(CPU).find((candidate) => words.includes(candidate));
  const platform = { ...(os ? { os: [os] } : {}), ...(cpu ? { cpu: [CPU[cpu]] } : {}) };
  if (!os && !cpu) throw new Error(`${name} is optional and not in the registry, and its name does not tell its platform`);
  // musl builds of Linux packages must not be taken for glibc ones
  return words.includes("musl") ? { ...platform, libc: ["musl"] } : platform;
}
