import { execFile } from "node:child_process";
import { mkdir, readdir, readFile, rm, statfs } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

const execute = promisify(execFile);

/** Where PostgreSQL writes, and a way to let it run out of space. */
export interface JournalDisk {
  folder: string;
  /** What is done, in a few words. */
  way: string;
  fill(): Promise<void>;
  free(): Promise<void>;
  close(): Promise<void>;
}

/**
 * A small file system of its own, where this process may mount one. Elsewhere PostgreSQL is forbidden to make files longer,
 * which it treats as a full disk.
 */
export async function openJournalDisk(folder: string, megabytes: number): Promise<JournalDisk> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const isMounted = await execute("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m,mode=700`, "tmpfs", folder]).then(
    () => true,
    () => false,
  );
  return isMounted ? smallDisk(folder) : lengthLimit(folder);
}

function smallDisk(folder: string): JournalDisk {
  const ballast = join(folder, "ballast");
  return {
    folder,
    way: "a small file system that is full",
    // PostgreSQL goes on writing meanwhile, so what is left is taken in ever smaller pieces.
    fill: async () => {
      const { bavail, bsize } = await statfs(folder);
      let size = 0;
      for (let piece = bavail * bsize; piece >= bsize;) {
        const isTaken = await execute("fallocate", ["-l", String(size + piece), ballast]).then(
          () => true,
          () => false,
        );
        if (isTaken) size += piece;
        else piece = Math.floor(piece / 4);
      }
    },
    free: () => rm(ballast, { force: true }),
    close: async () => {
      await execute("umount", [folder]).catch(() => execute("umount", ["-l", folder]));
    },
  };
}

function lengthLimit(folder: string): JournalDisk {
  let room = new AbortController();
  let filling = Promise.resolve();
  const limitAll = async (bytes: string): Promise<void> => {
    const [postmaster = ""] = (await readFile(join(folder, "cluster/postmaster.pid"), "utf8").catch(() => "")).split("\n");
    if (postmaster === "") return;
    for (const pid of [postmaster, ...(await childrenOf(postmaster))]) {
      await execute("prlimit", ["--pid", pid, `--fsize=${bytes}:`]).catch(() => undefined);
    }
  };
  const keepFull = async ({ signal }: AbortController): Promise<void> => {
    while (!signal.aborted) {
      await limitAll("8192");
      await sleep(50);
    }
  };
  return {
    folder,
    way: "files that must not grow (no file system can be mounted here)",
    fill: async () => {
      room = new AbortController();
      filling = keepFull(room);
    },
    free: async () => {
      room.abort();
      await filling;
      await limitAll("unlimited");
    },
    close: async () => undefined,
  };
}

async function childrenOf(pid: string): Promise<string[]> {
  const numbers = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const parents = await Promise.all(
    numbers.map(async (each) => {
      const stat = await readFile(`/proc/${each}/stat`, "utf8").catch(() => "");
      return { each, parent: stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1] };
    }),
  );
  return parents.filter(({ parent }) => parent === pid).map(({ each }) => each);
}
