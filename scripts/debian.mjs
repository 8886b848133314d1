// The browser for tests. Chromium is a Debian package: installed when we may, unpacked beside the checkout's modules when we may not.
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { capture, root, say } from "./project.mjs";

const unpacked = join(root, "node_modules", ".heddle", "debian");

/**
 * Finds Chromium or gets it.
 * @returns {Promise<Record<string, string>>} environment for the tests: `HEDDLE_CHROMIUM`, and `HEDDLE_CHROMIUM_LIBRARIES` where it needs its own
 * @throws when there is no way to get it here, with what to do about it
 */
export async function findChromium() {
  const found = process.env.HEDDLE_CHROMIUM ?? ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
  if (found) return { HEDDLE_CHROMIUM: found };
  if (existsSync(join(unpacked, "usr/lib/chromium/chromium"))) return environment();
  if (process.platform === "linux" && existsSync("/usr/bin/apt-get")) {
    say("Getting Chromium for the browser tests (a minute or two, the first time only)");
    if (await installed()) return { HEDDLE_CHROMIUM: "/usr/bin/chromium" };
    if (await unpack()) return environment();
  }
  throw new Error("The browser tests need Chromium. Install it (Debian: apt-get install chromium) or set HEDDLE_CHROMIUM to its path.");
}

/** Installs with apt, as root or through sudo that asks for no password. */
async function installed() {
  const prefix = process.getuid?.() === 0 ? [] : ["sudo", "-n"];
  const apt = async (...args) => {
    const [command, ...rest] = [...prefix, "apt-get", ...args];
    return (await capture(command, rest, { env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } })).code === 0;
  };
  return (await apt("update")) && (await apt("install", "-y", "--no-install-recommends", "chromium")) && existsSync("/usr/bin/chromium");
}

/** Downloads the packages with a private copy of apt's state and unpacks them: needs no rights at all. */
async function unpack() {
  const state = join(unpacked, "apt");
  for (const folder of ["lists/partial", "cache/archives/partial"]) mkdirSync(join(state, folder), { recursive: true });
  const options = ["-o", `Dir::State::lists=${join(state, "lists")}`, "-o", `Dir::Cache=${join(state, "cache")}`, "-o", "Debug::NoLocking=1", "-o", "APT::Sandbox::User="];
  if ((await capture("apt-get", [...options, "update"])).code !== 0) return false;
  const download = await capture("apt-get", [...options, "install", "-y", "--no-install-recommends", "--download-only", "chromium"]);
  if (download.code !== 0) return false;
  const archives = join(state, "cache/archives");
  for (const name of readdirSync(archives).filter((file) => file.endsWith(".deb"))) {
    if ((await capture("dpkg-deb", ["-x", join(archives, name), unpacked])).code !== 0) return false;
  }
  return existsSync(join(unpacked, "usr/lib/chromium/chromium"));
}

function environment() {
  const arch = process.arch === "arm64" ? "aarch64-linux-gnu" : "x86_64-linux-gnu";
  const libraries = [`usr/lib/${arch}`, `lib/${arch}`, "usr/lib/chromium", `usr/lib/${arch}/nss`].map((folder) => join(unpacked, folder));
  return { HEDDLE_CHROMIUM: join(unpacked, "usr/lib/chromium/chromium"), HEDDLE_CHROMIUM_LIBRARIES: libraries.join(":") };
}
