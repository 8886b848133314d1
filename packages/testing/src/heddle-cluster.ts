import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmbeddedPostgres } from "@heddle/db/embedded-postgres";
import { type HeddleProcess, startHeddle } from "./heddle-process.ts";
import { type RedisServer, startRedis } from "./redis-server.ts";

export interface HeddleCluster {
  /** The process that people and programs talk to; it takes no runs from the queue. */
  front: HeddleProcess;
  /** Undefined where the queue is in PostgreSQL. */
  redis: RedisServer | undefined;
  /** An owner's address of the database. */
  databaseUrl: string;
  /** Another process on the same database and queue; a worker by default. */
  start(roles?: string, environment?: Record<string, string>): Promise<HeddleProcess>;
  stop(): Promise<void>;
}

export interface ClusterOptions {
  hasRedis: boolean;
  /** What the front does; everything but a worker's part where it is absent. */
  roles?: string;
}

/** Several processes of the product, as an operator runs them: one PostgreSQL, one Redis if wanted, and a part of the work each. */
export async function startCluster({ hasRedis, roles = "web,gateway,scheduler" }: ClusterOptions): Promise<HeddleCluster> {
  const folder = await mkdtemp(join(tmpdir(), "heddle-cluster-"));
  const postgres = await startEmbeddedPostgres({ folder: join(folder, "postgres"), settings: { max_connections: "200" } });
  const redis = hasRedis ? await startRedis() : undefined;
  const databaseUrl = postgres.urls().owner;
  const shared: Record<string, string> = {
    DATABASE_URL: databaseUrl,
    HEDDLE_SECRET_KEY: randomBytes(32).toString("base64"),
    ...(redis === undefined ? {} : { REDIS_URL: redis.url }),
  };
  // Those that are still starting too: a test that fails leaves them behind.
  const processes: Promise<HeddleProcess>[] = [];
  let isStopped = false;
  const start: HeddleCluster["start"] = (part = "worker", environment = {}) => {
    if (isStopped) return Promise.reject(new Error("The cluster has been stopped."));
    const process = startHeddle({ dataDir: join(folder, "data"), environment: { ...shared, HEDDLE_ROLES: part, ...environment } });
    processes.push(process);
    return process;
  };
  const stop: HeddleCluster["stop"] = async () => {
    isStopped = true;
    const stops = processes.map(async (starting) => (await starting.catch(() => undefined))?.stop());
    const faults = (await Promise.allSettled(stops)).flatMap((each) => (each.status === "rejected" ? [each.reason as unknown] : []));
    await redis?.stop();
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
    if (faults.length > 0) throw new AggregateError(faults, faults.map(String).join("\n"));
  };
  try {
    return { front: await start(roles), redis, databaseUrl, start, stop };
  } catch (fault) {
    await stop();
    throw fault;
  }
}

/** One number of a process's GET /api/metrics. */
export async function readMetric(process: HeddleProcess, name: string): Promise<number> {
  const text = await (await fetch(`${process.url}/api/metrics`)).text();
  const line = text.split("\n").find((each) => each.startsWith(`${name} `));
  if (line === undefined) throw new Error(`${process.url} has no metric ${name}:\n${text}`);
  return Number(line.slice(name.length + 1));
}
