import { type ChildProcess, fork } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { HeddleError } from "@heddle/schema";
import type { ProcessMessage, RunMessage, RunReport } from "./protocol.ts";

/** How long past its own deadline a run may take to stop by itself, ms. Native calls do not look at the clock. */
const GRACE_MS = 250;
const START_TIMEOUT_MS = 10_000;

/** A killable process that runs one workspace's code, one run at a time. */
export interface SandboxProcess {
  /** Settles when the run ends or the process does. After a rejection, or a report that says so, `isAlive` is false. */
  run(message: Omit<RunMessage, "id">, signal?: AbortSignal): Promise<RunReport>;
  readonly isAlive: boolean;
  kill(): void;
}

/**
 * Starts a process with nothing of ours in it: no environment, no file but the engine's own, no child processes,
 * workers or add-ons (Node's permission model), and a small heap beside the engine's capped memory.
 * @throws HeddleError unavailable
 */
export async function startSandboxProcess(): Promise<SandboxProcess> {
  const child = fork(join(import.meta.dirname, "worker.ts"), [], {
    cwd: "/",
    env: NO_ENVIRONMENT,
    execArgv: [...SANDBOX_ARGUMENTS],
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  await started(child);
  return supervise(child);
}

// Next.js's types, which are in view when the pages are checked, demand a NODE_ENV in every environment.
const NO_ENVIRONMENT = {} as NodeJS.ProcessEnv;

/** What a sandbox process is started with; exported for the test that looks at what they forbid. */
export const SANDBOX_ARGUMENTS: readonly string[] = [
  "--permission",
  ...readablePaths().map((path) => `--allow-fs-read=${path}`),
  "--max-old-space-size=96",
  "--disable-warning=ExperimentalWarning",
];

/** The engine's files and ours. Node also reads the package.json above each. */
function readablePaths(): string[] {
  const require = createRequire(import.meta.url);
  const own = join(import.meta.dirname, "..");
  const core = dirname(require.resolve("quickjs-emscripten-core"));
  const engine = dirname(require.resolve("@jitl/quickjs-ng-wasmfile-release-sync"));
  const types = dirname(createRequire(join(engine, "index.js")).resolve("@jitl/quickjs-ffi-types"));
  return [own, dirname(core), dirname(engine), dirname(types)].flatMap((folder) => [folder, join(folder, "*")]);
}

function started(child: ChildProcess): Promise<void> {
  let complaint = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    if (complaint.length < 2_000) complaint += chunk.toString();
  });
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => fail(`It said nothing for ${START_TIMEOUT_MS} ms.`), START_TIMEOUT_MS);
    const fail = (cause: string): void => {
      clearTimeout(timer);
      child.kill("SIGKILL");
      reject(new HeddleError("unavailable", "The sandbox for code could not be started.", { cause: new Error(`${cause} ${complaint}`) }));
    };
    child.once("exit", (code, signal) => fail(`It ended with ${signal ?? code}.`));
    child.once("error", (error) => fail(error.message));
    child.once("message", () => {
      clearTimeout(timer);
      child.removeAllListeners("exit").removeAllListeners("error");
      // Errors of the channel come when a process is killed in mid-sentence; its exit says all there is to say.
      child.on("error", () => {});
      resolve();
    });
  });
}

function supervise(child: ChildProcess): SandboxProcess {
  let isAlive = true;
  let nextId = 1;
  let onExit: ((report: RunReport) => void) | undefined;
  child.on("exit", (code, signal) => {
    isAlive = false;
    // V8 aborts when its own heap is full; the kernel kills when the machine's memory is.
    const isMemory = signal === "SIGABRT" || signal === "SIGKILL" || code === 134;
    onExit?.({ status: isMemory ? "out-of-memory" : "crashed" });
  });
  const kill = (): void => {
    isAlive = false;
    child.kill("SIGKILL");
  };
  return {
    get isAlive() {
      return isAlive;
    },
    kill,
    run(message, signal) {
      const id = nextId++;
      return new Promise((resolve, reject) => {
        const settle = (act: () => void): void => {
          clearTimeout(timer);
          child.off("message", onMessage);
          signal?.removeEventListener("abort", onAbort);
          onExit = undefined;
          act();
        };
        const onMessage = (answer: ProcessMessage): void => {
          if (answer.type === "report" && answer.id === id) settle(() => resolve(answer.report));
        };
        const onAbort = (): void => {
          kill();
          settle(() => reject(signal?.reason));
        };
        onExit = (report) => settle(() => resolve(report));
        const timer = setTimeout(() => {
          kill();
          settle(() => resolve({ status: "timed-out" }));
        }, message.timeoutMs + GRACE_MS);
        child.on("message", onMessage);
        signal?.addEventListener("abort", onAbort, { once: true });
        child.send({ id, ...message } satisfies RunMessage, (error) => {
          if (error !== null) kill();
        });
      });
    },
  };
}
