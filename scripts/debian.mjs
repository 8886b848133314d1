// Programs that come from Debian: installed when we may, unpacked beside the checkout's modules when we may not.
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { capture, childEnvironment, root, say } from "./project.mjs";

const unpacked = join(root, "node_modules", ".heddle", "debian");
const triplet = process.arch === "arm64" ? "aarch64-linux-gnu" : "x86_64-linux-gnu";

/**
 * Finds Chromium for the browser tests, or gets it.
 * @returns {Promise<Record<string, string>>} environment: `HEDDLE_CHROMIUM`, and `HEDDLE_CHROMIUM_LIBRARIES` where it needs its own
 * @throws when there is no way to get it here, with what to do about it
 */
export async function findChromium() {
  if (process.env.HEDDLE_CHROMIUM) return {};
  const path = await find({
    name: "chromium",
    places: ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"],
    inside: "usr/lib/chromium/chromium",
  });
  if (!path)
    throw new Error("The browser tests need Chromium. Install it (Debian: apt-get install chromium) or set HEDDLE_CHROMIUM to its path.");
  if (!path.startsWith(unpacked)) return { HEDDLE_CHROMIUM: path };
  const libraries = [`usr/lib/${triplet}`, `lib/${triplet}`, "usr/lib/chromium", `usr/lib/${triplet}/nss`].map((folder) =>
    join(unpacked, folder),
  );
  return { HEDDLE_CHROMIUM: path, HEDDLE_CHROMIUM_LIBRARIES: libraries.join(":") };
}

/** Finds the library under which the tests of schedules shift a process's clock, or gets it. @returns environment: `HEDDLE_FAKETIME` */
export async function findFaketime() {
  if (process.env.HEDDLE_FAKETIME) return {};
  const inside = `usr/lib/${triplet}/faketime/libfaketimeMT.so.1`;
  const path = await find({ name: "libfaketime", places: [`/${inside}`, "/usr/local/lib/faketime/libfaketimeMT.so.1"], inside });
  if (!path)
    throw new Error(
      "The tests of schedules need libfaketime. Install it (Debian: apt-get install libfaketime) or set HEDDLE_FAKETIME to its path.",
    );
  return { HEDDLE_FAKETIME: path };
}

/**
 * Finds Redis for the tests of what several processes share, or gets it. Debian's Redis is one program under two names, of
 * which the package of the tools has the one that starts no service when it is installed.
 * @returns environment: `HEDDLE_REDIS`, and `HEDDLE_REDIS_LIBRARIES` where it needs its own
 */
export async function findRedis() {
  if (process.env.HEDDLE_REDIS) return {};
  const path = await find({
    name: "redis-tools",
    places: ["/usr/bin/redis-server", "/usr/local/bin/redis-server", "/usr/bin/redis-check-rdb"],
    inside: "usr/bin/redis-check-rdb",
  });
  if (!path)
    throw new Error(
      "The tests of shared state need Redis. Install it (Debian: apt-get install redis-server) or set HEDDLE_REDIS to its path.",
    );
  return { HEDDLE_REDIS: path, ...(path.startsWith(unpacked) ? { HEDDLE_REDIS_LIBRARIES: join(unpacked, `usr/lib/${triplet}`) } : {}) };
}

/** Finds the load driver of the benchmarks, or gets it. @returns environment with it on the path */
export async function findWrk() {
  const path = await find({ name: "wrk", places: ["/usr/bin/wrk", "/usr/local/bin/wrk"], inside: "usr/bin/wrk" });
  if (!path) throw new Error("The benchmarks need wrk. Install it (Debian: apt-get install wrk).");
  if (!path.startsWith(unpacked)) return {};
  return { PATH: `${join(unpacked, "usr/bin")}:${childEnvironment.PATH}`, LD_LIBRARY_PATH: join(unpacked, `usr/lib/${triplet}`) };
}

async function find({ name, places, inside }) {
  const local = join(unpacked, inside);
  const found = [...places, local].find(existsSync);
  if (found || process.platform !== "linux" || !existsSync("/usr/bin/apt-get")) return found;
  say(`Getting ${name} from Debian (a minute or two, the first time only)`);
  if (await install(name)) return places.find(existsSync);
  return (await unpack(name)) && existsSync(local) ? local : undefined;
}

/** Installs with apt, as root or through a sudo that asks for no password. */
async function install(name) {
  const prefix = process.getuid?.() === 0 ? [] : ["sudo", "-n"];
  const apt = async (...args) => {
    const [command, ...rest] = [...prefix, "apt-get", ...args];
    return (await capture(command, rest, { env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } })).code === 0;
  };
  return (await apt("update")) && (await apt("install", "-y", "--no-install-recommends", name));
}

/** Downloads the package and what it needs with a private copy of apt's state, and unpacks them: takes no rights at all. */
async function unpack(name) {
  const state = join(unpacked, "apt");
  const archives = join(state, "cache/archives");
  for (const folder of [join(state, "lists/partial"), join(archives, "partial")]) mkdirSync(folder, { recursive: true });
  const options = [
    "-o",
    `Dir::State::lists=${join(state, "lists")}`,
    "-o",
    `Dir::Cache=${join(state, "cache")}`,
    "-o",
    "Debug::NoLocking=1",
    "-o",
    "APT::Sandbox::User=",
  ];
  if ((await capture("apt-get", [...options, "update"])).code !== 0) return false;
  if ((await capture("apt-get", [...options, "install", "-y", "--no-install-recommends", "--download-only", name])).code !== 0)
    return false;
  for (const file of readdirSync(archives).filter((entry) => entry.endsWith(".deb"))) {
    if ((await capture("dpkg-deb", ["-x", join(archives, file), unpacked])).code !== 0) return false;
  }
  return true;
}
