import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "@heddle/db/embedded-postgres";
import { Client } from "pg";
import { type RedisServer, startRedis } from "../redis-server.ts";
import { startTcpProxy, type TcpProxy } from "../tcp-proxy.ts";
import { type JournalDisk, openJournalDisk } from "./journal-disk.ts";
import { SupervisedProcess } from "./supervised-process.ts";

/** A process and what it reaches PostgreSQL and Redis through. */
export interface ChaosMember {
  process: SupervisedProcess;
  roles: string[];
  toPostgres: TcpProxy;
  toRedis: TcpProxy;
}

export interface ChaosClusterOptions {
  /** Roles of each process. */
  roles: readonly string[];
  leaseSeconds: number;
  /** Host and port that agents may call. */
  world: string;
  /** Most that PostgreSQL may need. */
  diskMegabytes: number;
  /** Environment of single processes, by their place. */
  environments?: ReadonlyMap<number, Record<string, string>>;
}

/** Real processes on one PostgreSQL and one Redis, each of which can be taken away and given back. */
export class ChaosCluster {
  readonly members: ChaosMember[] = [];
  readonly disk: JournalDisk;
  readonly folder: string;
  redis: RedisServer;
  #postgres: EmbeddedPostgres;
  readonly #redisPort: number;

  private constructor(parts: { folder: string; disk: JournalDisk; postgres: EmbeddedPostgres; redis: RedisServer }) {
    this.folder = parts.folder;
    this.disk = parts.disk;
    this.redis = parts.redis;
    this.#postgres = parts.postgres;
    this.#redisPort = parts.redis.port;
  }

  /** Starts everything; what was started is ended where a later step fails. */
  static async start(options: ChaosClusterOptions): Promise<ChaosCluster> {
    const folder = await mkdtemp(join(tmpdir(), "heddle-chaos-"));
    const disk = await openJournalDisk(join(folder, "postgres"), options.diskMegabytes);
    const postgres = await startPostgres(disk.folder);
    const redis = await startRedis();
    const cluster = new ChaosCluster({ folder, disk, postgres, redis });
    try {
      await cluster.#startMembers(options);
      return cluster;
    } catch (error) {
      await cluster.stop();
      throw error;
    }
  }

  get databaseUrl(): string {
    return this.#postgres.urls().owner;
  }

  /** Fast shutdown, or at once as a power cut does; resolves once it is down. */
  async stopPostgres({ isImmediate }: { isImmediate: boolean }): Promise<void> {
    if (isImmediate) process.kill(await this.#postmaster(), "SIGQUIT");
    await this.#postgres.stop();
  }

  async startPostgres(): Promise<void> {
    this.#postgres = await startPostgres(this.disk.folder);
  }

  /** Its recovery begins at once. */
  async crashPostgres(): Promise<void> {
    process.kill(await this.#postmaster(), "SIGQUIT");
  }

  /** Resolves once the database takes a write. */
  async postgresIsWritable(): Promise<boolean> {
    const client = new Client({ connectionString: this.databaseUrl, connectionTimeoutMillis: 2_000, query_timeout: 5_000 });
    client.on("error", () => undefined);
    try {
      await client.connect();
      await client.query("SELECT pg_logical_emit_message(true, 'chaos', 'written')");
      return true;
    } catch {
      return false;
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  async startRedis(): Promise<void> {
    this.redis = await startRedis(this.#redisPort);
  }

  async stop(): Promise<void> {
    await Promise.all(this.members.map(({ process }) => process.stop()));
    await Promise.all(this.members.flatMap(({ toPostgres, toRedis }) => [toPostgres.close(), toRedis.close()]));
    await this.redis.stop();
    await this.disk.free();
    await this.#postgres.stop();
    await this.disk.close();
    if (this.members.every(({ process }) => process.faults.length === 0)) await rm(this.folder, { recursive: true, force: true });
  }

  async #startMembers({ roles, leaseSeconds, world, environments }: ChaosClusterOptions): Promise<void> {
    const secret = randomBytes(32).toString("base64");
    const target = new URL(this.databaseUrl);
    const socket = join(target.searchParams.get("host") ?? "", ".s.PGSQL.5432");
    for (const [index, role] of roles.entries()) {
      const [toPostgres, toRedis] = await Promise.all([
        startTcpProxy({ path: socket }),
        startTcpProxy({ host: "127.0.0.1", port: this.#redisPort }),
      ]);
      const process = await SupervisedProcess.create(`${index + 1}-${role.replaceAll(",", "-")}`, this.folder, {
        DATABASE_URL: `postgresql://${target.username}@127.0.0.1:${toPostgres.port}${target.pathname}`,
        REDIS_URL: `redis://127.0.0.1:${toRedis.port}`,
        HEDDLE_DATA_DIR: join(this.folder, "data"),
        HEDDLE_SECRET_KEY: secret,
        HEDDLE_ROLES: role,
        HEDDLE_LEASE_SECONDS: String(leaseSeconds),
        HEDDLE_EGRESS_ALLOW: world,
        ...Object.fromEntries(["ADDRESS", "USER", "KEY", "AGENT"].map((name) => [`HEDDLE_RATE_LIMIT_${name}`, "0"])),
        ...environments?.get(index),
      });
      this.members.push({ process, roles: role.split(","), toPostgres, toRedis });
      await process.start();
      // The first one makes the tables.
      if (index === 0) await process.ready();
    }
    await Promise.all(this.members.map(({ process }) => process.ready()));
  }

  async #postmaster(): Promise<number> {
    const [pid] = (await readFile(join(this.disk.folder, "cluster/postmaster.pid"), "utf8")).split("\n");
    if (!/^\d+$/.test(pid ?? "")) throw new Error("PostgreSQL is not running.");
    return Number(pid);
  }
}

function startPostgres(folder: string): Promise<EmbeddedPostgres> {
  return startEmbeddedPostgres({ folder, settings: { max_connections: "200", max_wal_size: "64MB", min_wal_size: "32MB" } });
}
