import { readFileSync, readdirSync } from "node:fs";

/** A process and all it started, read from /proc. */
export interface TreeUsage {
  /** CPU time used so far, ms, PostgreSQL's included. */
  cpuMs: number;
  /** PostgreSQL's part of it. */
  databaseCpuMs: number;
  /** Resident memory without PostgreSQL's, MB. */
  rssMb: number;
  /** Resident memory of PostgreSQL's processes, MB: shared buffers count once per process that touched them. */
  databaseRssMb: number;
}

const TICK_MS = 10;

/** Adds up a process tree. What children used that have ended counts with their parent's. */
export function treeUsage(rootPid: number): TreeUsage {
  const children = new Map<number, number[]>();
  const processes = new Map<number, { cpuMs: number; rssMb: number; name: string }>();
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    const pid = Number(entry);
    const stat = read(`/proc/${pid}/stat`);
    if (stat === undefined) continue;
    const name = stat.slice(stat.indexOf("(") + 1, stat.lastIndexOf(")"));
    const fields = stat
      .slice(stat.lastIndexOf(")") + 2)
      .split(" ")
      .map(Number);
    const rss = /VmRSS:\s+(\d+)/.exec(read(`/proc/${pid}/status`) ?? "")?.[1];
    // utime, stime, cutime, cstime
    const ticks = fields.slice(11, 15).reduce((sum, each) => sum + each, 0);
    processes.set(pid, { cpuMs: ticks * TICK_MS, rssMb: Number(rss ?? 0) / 1024, name });
    const parent = fields[1] ?? 0;
    children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  const total: TreeUsage = { cpuMs: 0, databaseCpuMs: 0, rssMb: 0, databaseRssMb: 0 };
  const visit = (pid: number): void => {
    const usage = processes.get(pid);
    if (usage) {
      total.cpuMs += usage.cpuMs;
      if (usage.name.startsWith("postgres")) {
        total.databaseRssMb += usage.rssMb;
        total.databaseCpuMs += usage.cpuMs;
      } else total.rssMb += usage.rssMb;
    }
    for (const child of children.get(pid) ?? []) visit(child);
  };
  visit(rootPid);
  return total;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined; // the process ended between listing and reading
  }
}
