// Generates the typed client from prisma/*.prisma into generated/, and does nothing when neither has changed.
// Prisma's command line looks for an engine binary on the network, which generating does not need: a path that exists
// keeps it from looking. (Under that setting its migrate commands silently do nothing; migrations are src/migrate.ts.)
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const root = join(import.meta.dirname, "..");
const require = createRequire(import.meta.url);
const prismaPackage = require.resolve("prisma/package.json");
const { version } = JSON.parse(readFileSync(prismaPackage, "utf8"));

const hash = createHash("sha256").update(version);
for (const name of readdirSync(join(root, "prisma"))
  .filter((file) => file.endsWith(".prisma"))
  .toSorted()) {
  hash.update(`\0${name}\0`).update(readFileSync(join(root, "prisma", name)));
}
const fingerprint = hash.digest("hex");
const stamp = join(root, "generated/fingerprint");

if (existsSync(stamp) && readFileSync(stamp, "utf8") === fingerprint) process.exit(0);

const { status } = spawnSync(process.execPath, [join(dirname(prismaPackage), "build/index.js"), "generate"], {
  cwd: root,
  stdio: ["ignore", "ignore", "inherit"],
  env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, CHECKPOINT_DISABLE: "1", PRISMA_HIDE_UPDATE_MESSAGE: "1" },
});
if (status !== 0) process.exit(status ?? 1);
writeFileSync(stamp, fingerprint);
