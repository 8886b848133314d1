import { randomBytes, randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { JOBS_SCHEMA } from "@heddle/db";
import { createEgress } from "@heddle/egress";
import { createDiskStorage } from "@heddle/files";
import { openPgBossJobs } from "@heddle/jobs/pg-boss-jobs";
import type { UserActor } from "@heddle/platform/access/actor";
import { createPlatform, type Platform, type PlatformOptions } from "@heddle/platform";
import { createSandbox } from "@heddle/sandbox";
import { createTestDatabase, type TestDatabase } from "./database.ts";
import { createWordEmbedder, trainOnWords } from "./word-embedder.ts";

export interface TestPerson {
  actor: UserActor;
  workspaceId: string;
}

export interface TestPlatform {
  platform: Platform;
  database: TestDatabase;
  /** Two people with a workspace each. */
  alice: TestPerson;
  bob: TestPerson;
  /** Faults that the platform reported. */
  faults: unknown[];
  close(): Promise<void>;
}

/** All use cases over a real database; the built-in model is one that only knows words, and may call loopback. */
export async function createTestPlatform(overrides: Partial<PlatformOptions> = {}): Promise<TestPlatform> {
  const database = await createTestDatabase();
  const egress = createEgress({ allowLoopback: true });
  const sandbox = createSandbox();
  const filesFolder = join(tmpdir(), `heddle-files-${randomUUID()}`);
  const faults: unknown[] = [];
  const jobs = overrides.jobs ?? (await openPgBossJobs({ url: database.urls.jobs, schema: JOBS_SCHEMA }));
  const platform = createPlatform({
    db: database.db,
    publicUrl: "http://localhost:3000",
    keys: { audit: randomBytes(32), apiKeys: randomBytes(32), vault: { id: "test", key: randomBytes(32) } },
    signIn: { secret: randomBytes(32).toString("base64url") },
    egress,
    modelEgress: egress,
    areLocalServersSought: false,
    embedder: createWordEmbedder(),
    train: trainOnWords,
    sandbox,
    files: createDiskStorage(filesFolder),
    library: new Map(),
    onFault: (fault, where) => faults.push({ fault, where }),
    ...overrides,
    jobs,
  });
  return {
    platform,
    database,
    alice: await createPerson(database),
    bob: await createPerson(database),
    faults,
    close: async () => {
      await platform.close(1_000);
      if (overrides.jobs === undefined) await jobs.close();
      sandbox.close();
      await egress.close();
      await database.close();
      await rm(filesFolder, { recursive: true, force: true });
    },
  };
}

async function createPerson(database: TestDatabase): Promise<TestPerson> {
  const { userId, workspaceId, email } = await database.createUser();
  return { actor: { kind: "user", userId, sessionId: randomUUID(), email, name: null }, workspaceId };
}
