import { type ChildProcess, spawn } from "node:child_process";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort, SERVER, SERVER_ENVIRONMENT } from "../heddle-process.ts";

const root = join(import.meta.dirname, "../../../..");
const READY_WITHIN_MS = 90_000;
/** After SIGTERM runs may take 25 s to end, and what is open has to be closed. */
const ENDS_WITHIN_MS = 35_000;

/** A process of the product that is started again whenever it has ended, as a supervisor does. */
export class SupervisedProcess {
  readonly name: string;
  readonly url: string;
  /** What it did that nobody asked for. */
  readonly faults: string[] = [];
  readonly #port: number;
  readonly #logPath: string;
  #environment: Record<string, string>;
  #child: ChildProcess | undefined;
  #exited: Promise<void> = Promise.resolve();
  #isWanted = false;
  #isReady = false;

  constructor(name: string, port: number, logPath: string, environment: Record<string, string>) {
    this.name = name;
    this.url = `http://localhost:${port}`;
    this.#port = port;
    this.#logPath = logPath;
    this.#environment = environment;
  }

  static async create(name: string, folder: string, environment: Record<string, string>): Promise<SupervisedProcess> {
    return new SupervisedProcess(name, await freePort(), join(folder, `${name}.log`), environment);
  }

  /** Starts it. @param environment variables that change with this start */
  async start(environment: Record<string, string | undefined> = {}): Promise<void> {
    this.#isWanted = true;
    for (const [name, value] of Object.entries(environment)) {
      if (value === undefined) delete this.#environment[name];
      else this.#environment[name] = value;
    }
    await this.#spawn();
  }

  /** Resolves once it answers. @throws where it does not within a minute and a half */
  async ready(): Promise<void> {
    const deadline = Date.now() + READY_WITHIN_MS;
    while (!(await this.#answers())) {
      if (!this.#isWanted) return;
      if (Date.now() > deadline) throw new Error(`${this.name} did not become ready; see ${this.#logPath}`);
      await sleep(100);
    }
    this.#isReady = true;
  }

  signal(name: NodeJS.Signals): void {
    this.#child?.kill(name);
  }

  /** Ends it at once. */
  async kill(): Promise<void> {
    this.#isWanted = false;
    this.#isReady = false;
    this.signal("SIGKILL");
    await this.#exited;
  }

  /** Asks it to end, and waits. */
  async stop(): Promise<void> {
    this.#isWanted = false;
    this.#isReady = false;
    this.signal("SIGCONT");
    this.signal("SIGTERM");
    const late = setTimeout(() => {
      this.faults.push(`${this.name} did not end within ${ENDS_WITHIN_MS / 1_000} s of SIGTERM`);
      this.signal("SIGKILL");
    }, ENDS_WITHIN_MS);
    await this.#exited;
    clearTimeout(late);
  }

  async #spawn(): Promise<void> {
    const log = await open(this.#logPath, "a");
    const child = spawn(process.execPath, SERVER, {
      cwd: root,
      env: {
        PATH: process.env["PATH"],
        HOME: process.env["HOME"],
        NODE_ENV: "development",
        LOG_LEVEL: "info",
        ...SERVER_ENVIRONMENT,
        ...this.#environment,
        PORT: String(this.#port),
      },
      stdio: ["ignore", log.fd, log.fd],
      // Its own session, so that Ctrl-C in a terminal reaches the run first, which ends everything in order.
      detached: true,
    });
    this.#child = child;
    await log.close();
    this.#exited = new Promise((done) => {
      child.once("error", () => done());
      child.once("exit", (code, signal) => {
        done();
        if (!this.#isWanted) return;
        // While it starts it may give up, as where its database is away.
        if (this.#isReady) this.faults.push(`${this.name} ended by itself with ${signal ?? `code ${code}`}`);
        this.#isReady = false;
        void sleep(300)
          .then(async () => {
            if (!this.#isWanted) return;
            await this.#spawn();
            await this.ready();
          })
          .catch((error: unknown) => this.faults.push(String(error)));
      });
    });
  }

  #answers(): Promise<boolean> {
    return fetch(`${this.url}/api/ready`, { signal: AbortSignal.timeout(2_000) }).then(
      (response) => response.ok,
      () => false,
    );
  }
}
