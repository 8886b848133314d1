import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { chmod, mkdir, open, readFile, rename, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import { type Launcher, prepareLauncher } from "./embedded-postgres-launcher.ts";
import { stopLeftover } from "./embedded-postgres-leftover.ts";
import { SERVER_SETTINGS, type ServerSettings } from "./embedded-postgres-settings.ts";
import { type DatabaseUrls, type LoginRole, roleName } from "./roles.ts";

export interface EmbeddedPostgresOptions {
  /** Everything lives in here: the cluster, its socket, its log. Made when missing, mode 700. */
  folder: string;
  /** Changes to the server's settings. */
  settings?: ServerSettings;
  /** Told what goes on, in sentences. */
  onProgress?: (message: string) => void;
}

export interface EmbeddedPostgres {
  /** Addresses of a database on this server, the one named `heddle` by default. */
  urls(database?: string): DatabaseUrls;
  /** Shuts the server down and waits for it. */
  stop(): Promise<void>;
}

/** Another live process uses the folder. `message` says which, and what to do. */
export class FolderInUseError extends Error {
  override readonly name = "FolderInUseError";
}

const OWNER = "heddle_owner";
const DATABASE = "heddle";

/**
 * Starts a PostgreSQL of our own in a folder, making the cluster on first use. It listens on a socket in a private folder
 * and on no port, so nothing that can only reach the network reaches it. It is started again if it dies, it stops when
 * this process does, and one that outlived its process is stopped first.
 * @throws FolderInUseError, or Error where the server can't start (with the end of its log)
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const folder = resolve(options.folder);
  const cluster = join(folder, "cluster");
  const say = options.onProgress ?? (() => undefined);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chmod(folder, 0o700);
  await claim(folder);
  const launcher = await prepareLauncher(folder);
  await stopLeftover(cluster);
  if (!(await exists(join(cluster, "PG_VERSION")))) {
    say("Making the database");
    await initialise(launcher, folder, cluster);
  }
  await launcher.ownAll(cluster);
  const server = new Server(launcher, folder, cluster, { ...SERVER_SETTINGS, ...options.settings });
  await server.start();
  await prepareRoles(server.url(OWNER, "postgres"));
  return {
    urls: (database = DATABASE) => {
      const as = (role: LoginRole): string => server.url(roleName(role), database);
      return { owner: server.url(OWNER, database), app: as("app"), auth: as("auth"), journal: as("journal"), jobs: as("jobs") };
    },
    stop: async () => {
      await server.stop();
      await rm(join(folder, "owner.pid"), { force: true });
    },
  };
}

/** One running postmaster, and the wish to keep it running. */
class Server {
  readonly #launcher: Launcher;
  readonly #folder: string;
  readonly #cluster: string;
  readonly #settings: ServerSettings;
  readonly #socketFolder: string;
  #child: ChildProcess | undefined;
  #exited: Promise<void> = Promise.resolve();
  #isWanted = true;
  #isReady = false;

  constructor(launcher: Launcher, folder: string, cluster: string, settings: ServerSettings) {
    this.#launcher = launcher;
    this.#folder = folder;
    this.#cluster = cluster;
    this.#settings = settings;
    // A socket's whole path has to fit into 107 bytes.
    const own = join(folder, "run");
    this.#socketFolder = Buffer.byteLength(own) <= 85 ? own : mkdtempSync(join(tmpdir(), "heddle-"));
  }

  url(user: string, database: string): string {
    return `postgresql://${user}@localhost/${database}?host=${encodeURIComponent(this.#socketFolder)}`;
  }

  async start(): Promise<void> {
    const deadline = Date.now() + START_TIMEOUT;
    while (true) {
      await this.#launch();
      if (await this.#answers(deadline)) return;
      const log = await this.#logTail();
      // The last processes of a server that was killed may need a moment to notice.
      if (Date.now() > deadline || !/shared memory block|lock file/.test(log)) {
        throw new Error(`PostgreSQL did not start. The end of its log:\n${log}`);
      }
      await sleep(200);
    }
  }

  async stop(): Promise<void> {
    this.#isWanted = false;
    // SIGINT is PostgreSQL's fast shutdown, SIGQUIT its emergency stop, which the next start recovers from.
    this.#child?.kill("SIGINT");
    const emergency = setTimeout(() => this.#child?.kill("SIGQUIT"), STOP_TIMEOUT);
    await this.#exited;
    clearTimeout(emergency);
    if (this.#socketFolder !== join(this.#folder, "run")) await rm(this.#socketFolder, { recursive: true, force: true });
  }

  async #launch(): Promise<void> {
    await mkdir(this.#socketFolder, { recursive: true, mode: 0o700 });
    await this.#launcher.own(this.#socketFolder);
    const logPath = join(this.#folder, "server.log");
    if (((await stat(logPath).catch(() => undefined))?.size ?? 0) > MAX_LOG_BYTES) await truncate(logPath);
    const log = await open(logPath, "a", 0o600);
    const settings = { ...this.#settings, unix_socket_directories: this.#socketFolder };
    const args = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
    const { file, args: fullArgs, options } = this.#launcher.command("postgres", ["-D", this.#cluster, ...args]);
    // Its own session, so that Ctrl-C in a terminal reaches us first and we stop it when our work is done.
    const child = spawn(file, fullArgs, { ...options, detached: true, stdio: ["ignore", log.fd, log.fd] });
    this.#child = child;
    this.#exited = new Promise((done) => {
      child.once("exit", () => done());
      child.once("error", () => done());
    });
    await log.close();
    child.once("exit", () => {
      if (this.#isWanted && this.#isReady) void this.#restart();
    });
  }

  /** Waits until the server answers; false when it gave up instead. */
  async #answers(deadline: number): Promise<boolean> {
    while (this.#isRunning() && Date.now() < deadline) {
      const client = new Client({ connectionString: this.url(OWNER, "postgres"), connectionTimeoutMillis: 1_000 });
      client.on("error", () => undefined);
      try {
        await client.connect();
        await client.query("SELECT 1");
        this.#isReady = true;
        return true;
      } catch {
        await sleep(25);
      } finally {
        await client.end().catch(() => undefined);
      }
    }
    return false;
  }

  #isRunning(): boolean {
    return this.#child?.pid !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  async #restart(): Promise<void> {
    this.#isReady = false;
    for (let pause = 100; this.#isWanted; pause = Math.min(pause * 2, 5_000)) {
      try {
        return await this.start();
      } catch {
        await sleep(pause, undefined, { ref: false });
      }
    }
  }

  async #logTail(): Promise<string> {
    const log = await readFile(join(this.#folder, "server.log"), "utf8").catch(() => "");
    return log.split("\n").slice(-12).join("\n").trim();
  }
}

const START_TIMEOUT = 30_000;
const STOP_TIMEOUT = 15_000;
const MAX_LOG_BYTES = 5 * 1024 * 1024;

/**
 * Refuses a folder that another live process uses. A process is its id and the moment it began: ids are used again,
 * in containers almost at once.
 */
async function claim(folder: string): Promise<void> {
  const file = join(folder, "owner.pid");
  const [pid = "", startedAt] = (await readFile(file, "utf8").catch(() => "")).split(" ");
  if (pid !== "" && pid !== String(process.pid) && startedAt !== "" && (await startOf(pid)) === startedAt) {
    throw new FolderInUseError(`Process ${pid} already uses the database in ${folder}. Stop it, or choose another data folder.`);
  }
  await writeFile(file, `${process.pid} ${await startOf(String(process.pid))}`, { mode: 0o600 });
}

/** When a process began, in ticks since the machine did; empty where it is gone or the system does not tell. */
async function startOf(pid: string): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  // The second field, the name in brackets, may hold anything; the start is the 22nd.
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
}

async function initialise(launcher: Launcher, folder: string, cluster: string): Promise<void> {
  // Made aside and moved, so that a cluster is there entirely or not at all.
  const draft = join(folder, "cluster.new");
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { mode: 0o700 });
  await launcher.own(draft);
  await launcher.run("initdb", [
    "-D", draft, "-U", OWNER, "--auth=trust", "--encoding=UTF8", "--locale=C",
    "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions",
  ]); // prettier-ignore
  await rename(draft, cluster);
}

async function prepareRoles(adminUrl: string): Promise<void> {
  const client = new Client({ connectionString: adminUrl });
  await client.connect();
  try {
    for (const role of ["app", "auth", "journal", "jobs"] as const) {
      const name = roleName(role);
      const { rowCount } = await client.query("SELECT FROM pg_roles WHERE rolname = $1", [name]);
      await client.query(`${rowCount === 0 ? "CREATE" : "ALTER"} ROLE ${name} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS`);
    }
    const { rowCount } = await client.query("SELECT FROM pg_database WHERE datname = $1", [DATABASE]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE}`);
  } finally {
    await client.end();
  }
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
