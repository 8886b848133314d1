import { createHash, randomUUID } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { Client } from "pg";

const MIGRATIONS = join(import.meta.dirname, "../prisma/migrations");

/** Held while migrations are applied, so that processes that start together apply each one once. The number is arbitrary. */
const LOCK = 4_771_203_551;

export interface MigrationReport {
  /** Names that were applied just now. */
  applied: string[];
  total: number;
}

/**
 * Brings a database up to date: the folders of prisma/migrations in order of their names, each in a transaction of its
 * own, recorded with its checksum in Prisma's table format. Connects as the owner of the tables.
 * @throws Error where an applied migration was changed afterwards or is unknown here, or where one fails
 */
export async function migrate(ownerUrl: string, folder = MIGRATIONS): Promise<MigrationReport> {
  const migrations = await readMigrations(folder);
  const client = new Client({ connectionString: ownerUrl, application_name: "heddle-migrate" });
  await client.connect();
  try {
    await client.query("SELECT pg_advisory_lock($1)", [LOCK]);
    await client.query(MIGRATIONS_TABLE);
    const recorded = await client.query<{ migration_name: string; checksum: string }>(
      "SELECT migration_name, checksum FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL",
    );
    const checksums = new Map(recorded.rows.map((row) => [row.migration_name, row.checksum]));
    refuseUnknown(checksums, migrations);
    const applied: string[] = [];
    for (const migration of migrations) {
      const checksum = checksums.get(migration.name);
      if (checksum === undefined) {
        await apply(client, migration);
        applied.push(migration.name);
      } else if (checksum !== migration.checksum) {
        throw new Error(`The migration ${migration.name} was changed after it had been applied. Restore it and add a new one instead.`);
      }
    }
    await ensurePartitions(client);
    return { applied, total: migrations.length };
  } finally {
    await client.end();
  }
}

interface Migration {
  name: string;
  sql: string;
  checksum: string;
}

async function readMigrations(folder: string): Promise<Migration[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(
    names.toSorted().map(async (name) => {
      const sql = await readFile(join(folder, name, "migration.sql"), "utf8");
      return { name, sql, checksum: createHash("sha256").update(sql).digest("hex") };
    }),
  );
}

function refuseUnknown(checksums: Map<string, string>, migrations: Migration[]): void {
  const known = new Set(migrations.map((migration) => migration.name));
  const unknown = [...checksums.keys()].filter((name) => !known.has(name));
  if (unknown.length > 0) {
    throw new Error(
      `The database was migrated by a newer Heddle (${unknown.join(", ")}). Update Heddle, or restore a backup of the database.`,
    );
  }
}

async function apply(client: Client, migration: Migration): Promise<void> {
  try {
    await client.query("BEGIN");
    await client.query(migration.sql);
    await client.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
       VALUES ($1, $2, $3, now(), clock_timestamp(), 1)`,
      [randomUUID(), migration.checksum, migration.name],
    );
    await client.query("COMMIT");
  } catch (error) {
    await client.query("ROLLBACK").catch(() => undefined);
    throw new Error(`The migration ${migration.name} failed, and nothing of it was kept: ${(error as Error).message}`, { cause: error });
  }
}

/** Makes the partitions of this month and the next ones, where the database knows how to: a very early one does not. */
async function ensurePartitions(client: Client): Promise<void> {
  const { rows } = await client.query<{ isKnown: boolean }>(`SELECT to_regproc('heddle_ensure_partitions') IS NOT NULL AS "isKnown"`);
  if (rows[0]?.isKnown === true) await client.query("SELECT heddle_ensure_partitions()");
}

const MIGRATIONS_TABLE = `CREATE TABLE IF NOT EXISTS _prisma_migrations (
  id varchar(36) PRIMARY KEY,
  checksum varchar(64) NOT NULL,
  finished_at timestamptz,
  migration_name varchar(255) NOT NULL,
  logs text,
  rolled_back_at timestamptz,
  started_at timestamptz NOT NULL DEFAULT now(),
  applied_steps_count integer NOT NULL DEFAULT 0
)`;
