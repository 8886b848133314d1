import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dirname, "../../..");
const READY_WITHIN_MS = 60_000;
/** A server gives up by itself 29 s after SIGTERM. */
const ENDS_WITHIN_MS = 35_000;
/** Whatever this process has started and not ended goes with it. */
const alive = new Set<ChildProcess>();
process.on("exit", () => alive.forEach((child) => child.kill("SIGKILL")));

export interface HeddleProcess {
  /** Address on `localhost`, without a slash at the end. */
  url: string;
  pid: number;
  dataDir: string;
  /** Resolves once it has ended, with the signal that ended it; null where it ended by itself. */
  ended: Promise<NodeJS.Signals | null>;
  /** Ends it as Ctrl-C does, and removes its data. */
  stop: () => Promise<void>;
}

/** What node is given to start the server as `npm start` does. */
export const SERVER = ["--max-semi-space-size=24", "apps/server/src/main.ts"];
/** What its environment has beside the settings. */
export const SERVER_ENVIRONMENT = { MALLOC_TRIM_THRESHOLD_: "131072" };

export interface HeddleProcessOptions {
  environment?: Record<string, string>;
  /** Kept after `stop` when given; a temporary one otherwise. */
  dataDir?: string;
  port?: number;
}

/** Starts the whole product as users do, with the embedded PostgreSQL. @throws when it is not ready within a minute */
export async function startHeddle({ environment = {}, dataDir, port }: HeddleProcessOptions = {}): Promise<HeddleProcess> {
  const folder = dataDir ?? (await mkdtemp(join(tmpdir(), "heddle-data-")));
  const chosen = port ?? (await freePort());
  const child = spawn(process.execPath, SERVER, {
    cwd: root,
    env: {
      NODE_ENV: "development",
      PATH: process.env["PATH"],
      HOME: process.env["HOME"],
      LOG_LEVEL: "warn",
      ...SERVER_ENVIRONMENT,
      ...environment,
      PORT: String(chosen),
      HEDDLE_DATA_DIR: folder,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  alive.add(child);
  child.once("exit", () => alive.delete(child));
  const ended = new Promise<NodeJS.Signals | null>((done) => child.once("exit", (_code, signal) => done(signal)));
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => (output = (output + chunk.toString()).slice(-4_000)));
  const url = `http://localhost:${chosen}`;
  const deadline = Date.now() + READY_WITHIN_MS;
  while (!(await answers(`${url}/api/ready`))) {
    if (child.exitCode !== null || child.signalCode !== null || Date.now() > deadline) {
      child.kill("SIGKILL");
      throw new Error(`Heddle did not become ready. Its last output:\n${output}`);
    }
    await new Promise((done) => setTimeout(done, 50));
  }
  const stop = async (): Promise<void> => {
    await endProcess(child);
    if (dataDir === undefined) await rm(folder, { recursive: true, force: true });
  };
  return { url, pid: child.pid ?? 0, dataDir: folder, ended, stop };
}

/** Ends a child with SIGTERM and waits for it. @throws where it had to be killed, having hung while it stopped */
export async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((done) => child.once("exit", done));
  child.kill("SIGTERM");
  let isKilled = false;
  const patience = setTimeout(() => (isKilled = child.kill("SIGKILL")), ENDS_WITHIN_MS);
  await ended;
  clearTimeout(patience);
  if (isKilled) throw new Error(`Process ${child.pid} did not end within ${ENDS_WITHIN_MS} ms of SIGTERM and was killed.`);
}

/** A TCP port on loopback that nobody listens on just now. */
export function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const probe = createServer();
    probe.once("error", fail);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => done(typeof address === "object" && address ? address.port : 0));
    });
  });
}

function answers(url: string): Promise<boolean> {
  return fetch(url, { signal: AbortSignal.timeout(2_000) }).then(
    (response) => response.ok,
    () => false,
  );
}
