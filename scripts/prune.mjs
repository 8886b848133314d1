// Removes what npm installs but Heddle never loads: other platforms' binaries, other databases' engines, a tool's own user interface.
// Every entry was checked by running the whole test suite without it.
import { existsSync, lstatSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { root } from "./project.mjs";

const modules = join(root, "node_modules");

/** @returns {number} megabytes freed */
export function prune() {
  let bytes = 0;
  for (const path of unneeded()) {
    if (!existsSync(path)) continue;
    bytes += sizeOf(path);
    rmSync(path, { recursive: true, force: true });
  }
  return Math.round(bytes / 1e6);
}

function* unneeded() {
  // ONNX Runtime ships every platform in one package.
  const runtime = join(modules, "onnxruntime-node", "bin");
  for (const version of list(runtime)) {
    for (const platform of list(join(runtime, version))) {
      for (const arch of list(join(runtime, version, platform))) {
        if (platform !== process.platform || arch !== process.arch) yield join(runtime, version, platform, arch);
      }
    }
  }
  // Prisma's client ships a query compiler for each database, its command a data browser and a local server.
  const client = join(modules, "@prisma", "client", "runtime");
  for (const name of list(client)) {
    if (/\.(cockroachdb|mysql|sqlite|sqlserver)\./.test(name) || name.endsWith(".map")) yield join(client, name);
  }
  for (const name of ["@prisma/studio-core", "@electric-sql/pglite", "@electric-sql/pglite-socket", "@electric-sql/pglite-tools", "elkjs", "@visx", "@img", "sharp"]) {
    yield join(modules, name);
  }
  // The icons are imported as ES modules only.
  yield join(modules, "lucide-react", "dist", "cjs");
  yield join(modules, "lucide-react", "dist", "umd");
}

function list(folder) {
  return existsSync(folder) ? readdirSync(folder) : [];
}

function sizeOf(path) {
  const stat = lstatSync(path);
  if (!stat.isDirectory()) return stat.size;
  return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
}
