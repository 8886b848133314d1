import { connect as connectSocket } from "node:net";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DatabaseUrls, migrate } from "@heddle/db";
import { startEmbeddedPostgres } from "@heddle/db/embedded-postgres";
import { Client } from "pg";

/** Where the test run's global setup can be asked for its server. */
export const SERVER_VARIABLE = "HEDDLE_TEST_DATABASE_SOCKET";

/** The migrated database that tests' databases are copies of. */
export const TEMPLATE = "template_heddle";

export interface TestServer {
  urls(database: string): DatabaseUrls;
  stop(): Promise<void>;
}

/** Starts a server with a migrated template. Quick rather than durable: a test run that loses power starts again. */
export async function startTestServer(folder: string): Promise<TestServer> {
  const server = await startEmbeddedPostgres({
    folder,
    settings: { fsync: "off", full_page_writes: "off", max_connections: "200", shared_buffers: "64MB" },
  });
  await migrate(server.urls().owner);
  // Copies are made from a database that nobody is connected to.
  await rename(server.urls("postgres").owner, "heddle", TEMPLATE);
  return server;
}

let joined: Promise<TestServer> | undefined;

/** The run's server, or one of this process's own where there is no global setup. */
export function joinTestServer(): Promise<TestServer> {
  return (joined ??= process.env[SERVER_VARIABLE] === undefined ? startOwn() : ask(process.env[SERVER_VARIABLE]));
}

async function ask(socket: string): Promise<TestServer> {
  const chunks: Buffer[] = [];
  for await (const chunk of connectSocket(socket)) chunks.push(chunk as Buffer);
  const answer = JSON.parse(Buffer.concat(chunks).toString()) as { urls: DatabaseUrls } | { error: string };
  if ("error" in answer) throw new Error(answer.error);
  const name = encodeURIComponent("{database}");
  const fill = (url: string, database: string): string => url.replace("{database}", database).replace(name, database);
  return {
    urls: (database) => ({
      owner: fill(answer.urls.owner, database),
      app: fill(answer.urls.app, database),
      auth: fill(answer.urls.auth, database),
      journal: fill(answer.urls.journal, database),
      jobs: fill(answer.urls.jobs, database),
    }),
    stop: () => Promise.resolve(),
  };
}

async function startOwn(): Promise<TestServer> {
  const folder = await mkdtemp(join(tmpdir(), "heddle-test-"));
  const server = await startTestServer(join(folder, "postgres"));
  const stop = async (): Promise<void> => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
  process.once("beforeExit", () => void stop());
  return { urls: (database) => server.urls(database), stop };
}

async function rename(adminUrl: string, from: string, to: string): Promise<void> {
  const client = new Client({ connectionString: adminUrl });
  await client.connect();
  await client.query(`ALTER DATABASE ${from} RENAME TO ${to}`);
  await client.end();
}
