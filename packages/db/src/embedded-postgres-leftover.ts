import { readFile, readlink, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * Stops a server that outlived the process that had started it, and removes the lock file of one that was killed: its
 * process id may by now belong to something else, which would keep PostgreSQL from starting.
 */
export async function stopLeftover(cluster: string): Promise<void> {
  // Elsewhere PostgreSQL's own check of its lock file has to do.
  if (process.platform !== "linux") return;
  const lock = join(cluster, "postmaster.pid");
  const pid = Number((await readFile(lock, "utf8").catch(() => "")).split("\n", 1)[0]);
  if (!Number.isInteger(pid) || pid <= 0) return;
  for (const signal of ["SIGINT", "SIGQUIT"] as const) {
    if (!(await isServerOf(pid, cluster))) break;
    process.kill(pid, signal);
    for (const deadline = Date.now() + 15_000; Date.now() < deadline && (await isServerOf(pid, cluster));) await sleep(20);
  }
  if (await isServerOf(pid, cluster)) throw new Error(`A PostgreSQL server (process ${pid}) uses ${cluster} and does not stop.`);
  await rm(lock, { force: true });
}

/** A postmaster works in its cluster's folder. */
async function isServerOf(pid: number, cluster: string): Promise<boolean> {
  const [name, folder] = await Promise.all([
    readFile(`/proc/${pid}/comm`, "utf8").catch(() => ""),
    readlink(`/proc/${pid}/cwd`).catch(() => ""),
  ]);
  return name.trim() === "postgres" && folder === cluster;
}
