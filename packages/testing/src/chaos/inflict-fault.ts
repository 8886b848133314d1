import { setTimeout as sleep } from "node:timers/promises";
import { shiftedClock } from "../shifted-clock.ts";
import type { ChaosCluster, ChaosMember } from "./chaos-cluster.ts";
import type { PlannedFault } from "./fault-plan.ts";

const SHIFTS = ["+90s", "-90s", "+2h", "-1d"];

export interface Inflicted {
  /** What was done, in a few words. */
  what: string;
  /** Resolves once everything is as before. */
  healed: Promise<void>;
}

/**
 * Does one fault and undoes it. A process that stands still does so beside the faults that follow; every other is over when
 * this resolves.
 */
export async function inflictFault(cluster: ChaosCluster, fault: PlannedFault, still: Set<ChaosMember>): Promise<Inflicted> {
  const { kind, forMs, luck } = fault;
  const able = cluster.members.filter((member) => !still.has(member));
  const victim = able[Math.floor(luck * able.length)] as ChaosMember;
  const over = (what: string): Inflicted => ({ what, healed: Promise.resolve() });
  switch (kind) {
    case "kill-9":
      await victim.process.kill();
      await sleep(forMs);
      await victim.process.start();
      await victim.process.ready();
      return over(victim.process.name);
    case "rolling-restart":
      for (const { process } of able) {
        await process.stop();
        await process.start();
        await process.ready();
      }
      return over(`${able.length} processes, one after another`);
    case "stop-past-lease":
      return { what: `${victim.process.name} for ${forMs} ms`, healed: standStill(victim, forMs, still) };
    case "redis-flush":
      await cluster.redis.forgetAll();
      return over("FLUSHALL");
    case "redis-away":
      await cluster.redis.stop();
      await sleep(forMs);
      await cluster.startRedis();
      return over(`for ${forMs} ms`);
    case "postgres-stop":
    case "postgres-immediate":
      await cluster.stopPostgres({ isImmediate: kind === "postgres-immediate" });
      await sleep(forMs);
      await cluster.startPostgres();
      return over(`for ${forMs} ms`);
    case "postgres-crash":
      await cluster.crashPostgres();
      await untilWritable(cluster);
      return over("and its own recovery");
    case "half-open-postgres":
    case "half-open-redis": {
      const proxy = kind === "half-open-postgres" ? victim.toPostgres : victim.toRedis;
      proxy.stall();
      await sleep(forMs);
      // What was held back arrives late, or never.
      const isLate = (luck * 1_000) % 1 < 0.5;
      if (!isLate) await proxy.cut();
      proxy.flow();
      if (!isLate) await proxy.mend();
      return over(`${victim.process.name} for ${forMs} ms, ${isLate ? "what was held back arrived" : "then cut"}`);
    }
    case "disk-full":
      await cluster.disk.fill();
      await sleep(forMs);
      await cluster.disk.free();
      await untilWritable(cluster);
      return over(`for ${forMs} ms: ${cluster.disk.way}`);
    case "clock-shift": {
      const schedulers = able.filter(({ roles }) => roles.includes("scheduler") && roles.length === 1);
      const [scheduler] = schedulers;
      if (scheduler === undefined) return over("no scheduler by itself");
      const shift = SHIFTS[Math.floor(luck * SHIFTS.length)] as string;
      await scheduler.process.stop();
      await scheduler.process.start(shiftedClock(shift));
      await scheduler.process.ready();
      return over(`${scheduler.process.name} goes ${shift}`);
    }
  }
}

async function standStill(victim: ChaosMember, forMs: number, still: Set<ChaosMember>): Promise<void> {
  still.add(victim);
  victim.process.signal("SIGSTOP");
  await sleep(forMs);
  victim.process.signal("SIGCONT");
  await victim.process.ready();
  still.delete(victim);
}

const WRITABLE_WITHIN_MS = 60_000;

async function untilWritable(cluster: ChaosCluster): Promise<void> {
  const deadline = Date.now() + WRITABLE_WITHIN_MS;
  while (!(await cluster.postgresIsWritable())) {
    if (Date.now() > deadline) throw new Error("PostgreSQL did not recover within a minute.");
    await sleep(100);
  }
}
