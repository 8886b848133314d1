import { HeddleError } from "@heddle/schema";
import { type SandboxProcess, startSandboxProcess } from "./sandbox-process.ts";

/** Lends processes to runs; a process belongs to one workspace from its start to its end. */
export interface ProcessPool {
  /** Waits for a process of the workspace, lends it to `work`, and takes it back. @throws HeddleError unavailable; the signal's reason */
  use<T>(workspaceId: string, signal: AbortSignal | undefined, work: (process: SandboxProcess) => Promise<T>): Promise<T>;
  readonly size: number;
  close(): void;
}

interface Waiter {
  resolve: (process: SandboxProcess) => void;
  reject: (reason: unknown) => void;
}

/** Beyond it new work is refused rather than left to time out in the queue. */
const MAX_WAITING_PER_WORKSPACE = 1_000;

export function createProcessPool({ maxProcesses, idleMs }: { maxProcesses: number; idleMs: number }): ProcessPool {
  /** Least recently used first. */
  const idle = new Map<SandboxProcess, { workspaceId: string; timer: NodeJS.Timeout }>();
  const busy = new Set<SandboxProcess>();
  /** Workspaces in the order of their turns: each gets one, then waits for the others'. */
  const waiting = new Map<string, Waiter[]>();
  let starting = 0;
  let isClosed = false;
  const size = (): number => idle.size + busy.size + starting;

  const retire = (process: SandboxProcess): void => {
    clearTimeout(idle.get(process)?.timer);
    idle.delete(process);
    process.kill();
  };

  const takeIdle = (workspaceId: string): SandboxProcess | undefined => {
    for (const [process, entry] of idle) {
      if (!process.isAlive) retire(process);
      else if (entry.workspaceId === workspaceId) {
        clearTimeout(entry.timer);
        idle.delete(process);
        return process;
      }
    }
    return undefined;
  };

  /** Gives out what can be given out. Called whenever something changed. */
  const dispatch = (): void => {
    for (const [workspaceId, queue] of waiting) {
      const waiter = queue[0];
      if (waiter === undefined) {
        waiting.delete(workspaceId);
        continue;
      }
      const process = takeIdle(workspaceId);
      if (process === undefined && size() >= maxProcesses) {
        const oldest = idle.keys().next().value;
        if (oldest === undefined) return;
        retire(oldest);
      }
      queue.shift();
      waiting.delete(workspaceId);
      if (queue.length > 0) waiting.set(workspaceId, queue);
      if (process === undefined) start(waiter);
      else lend(process, waiter);
      return dispatch();
    }
  };

  const lend = (process: SandboxProcess, waiter: Waiter): void => {
    busy.add(process);
    waiter.resolve(process);
  };

  const start = (waiter: Waiter): void => {
    starting++;
    startSandboxProcess().then(
      (process) => {
        starting--;
        if (isClosed) {
          process.kill();
          waiter.reject(closed());
        } else lend(process, waiter);
      },
      (error: unknown) => {
        starting--;
        waiter.reject(error);
        dispatch();
      },
    );
  };

  const giveBack = (process: SandboxProcess, workspaceId: string): void => {
    busy.delete(process);
    if (isClosed) process.kill();
    else if (process.isAlive) {
      const timer = setTimeout(() => retire(process), idleMs);
      timer.unref();
      idle.set(process, { workspaceId, timer });
    }
    dispatch();
  };

  const acquire = (workspaceId: string, signal: AbortSignal | undefined): Promise<SandboxProcess> =>
    new Promise((resolve, reject) => {
      if (isClosed) return reject(closed());
      if (signal?.aborted === true) return reject(signal.reason);
      const queue = waiting.get(workspaceId) ?? [];
      if (queue.length >= MAX_WAITING_PER_WORKSPACE)
        return reject(new HeddleError("unavailable", "Too much code of this workspace is waiting to run."));
      const onAbort = (): void => {
        const index = queue.indexOf(waiter);
        if (index === -1) return;
        queue.splice(index, 1);
        reject(signal?.reason);
      };
      const settled = (): void => signal?.removeEventListener("abort", onAbort);
      const waiter: Waiter = {
        resolve: (process) => (settled(), resolve(process)),
        reject: (reason) => (settled(), reject(reason)),
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      queue.push(waiter);
      waiting.set(workspaceId, queue);
      dispatch();
    });

  return {
    async use(workspaceId, signal, work) {
      const process = await acquire(workspaceId, signal);
      try {
        signal?.throwIfAborted();
        const result = await work(process);
        if (isClosed) throw closed();
        return result;
      } finally {
        giveBack(process, workspaceId);
      }
    },
    get size() {
      return size();
    },
    close() {
      isClosed = true;
      for (const queue of waiting.values()) for (const waiter of queue.splice(0)) waiter.reject(closed());
      for (const process of idle.keys()) retire(process);
      for (const process of busy) process.kill();
    },
  };
}

function closed(): HeddleError {
  return new HeddleError("unavailable", "The sandbox is closed.");
}
