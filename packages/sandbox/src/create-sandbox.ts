import type { CodePort, CodeRequest, CodeResult } from "@heddle/node-kit";
import { HeddleError } from "@heddle/schema";
import { createProcessPool, type ProcessPool } from "./process-pool.ts";
import type { RunReport } from "./protocol.ts";

export interface SandboxOptions {
  /** Processes at once, for all workspaces; 4 by default. */
  maxProcesses?: number;
  /** ms after which an unused process ends; 60 s by default. */
  idleMs?: number;
}

/** Runs people's code, each workspace's in processes of its own. */
export interface Sandbox {
  /** The code port of one workspace. */
  forWorkspace(workspaceId: string): CodePort;
  /** How many processes there are now. */
  readonly processes: number;
  /** Ends all processes; running code fails. */
  close(): void;
}

const DEFAULT_TIMEOUT_MS = 5_000;
const MAX_TIMEOUT_MS = 60_000;
const DEFAULT_MEMORY_MB = 64;
const MIN_MEMORY_MB = 24;
const MAX_MEMORY_MB = 256;
const MAX_SOURCE_LENGTH = 256 * 1024;
/** The size limit of outputs. */
const MAX_RESULT_LENGTH = 10 * 1024 * 1024;

/**
 * QuickJS in WebAssembly, in pooled processes that are killed at the deadline. A run gets a fresh context, a workspace
 * its own processes, and neither gets files, network, timers or anything of the server.
 */
export function createSandbox({ maxProcesses = 4, idleMs = 60_000 }: SandboxOptions = {}): Sandbox {
  const pool = createProcessPool({ maxProcesses, idleMs });
  return {
    forWorkspace: (workspaceId) => ({ run: (request) => run(pool, workspaceId, request) }),
    get processes() {
      return pool.size;
    },
    close: () => pool.close(),
  };
}

async function run(pool: ProcessPool, workspaceId: string, request: CodeRequest): Promise<CodeResult> {
  if (request.source.length > MAX_SOURCE_LENGTH) {
    throw new HeddleError("code_failed", `The code is longer than ${MAX_SOURCE_LENGTH / 1024} KB.`);
  }
  const timeoutMs = clamp(request.timeoutMs ?? DEFAULT_TIMEOUT_MS, 1, MAX_TIMEOUT_MS);
  const memoryMb = clamp(request.memoryMb ?? DEFAULT_MEMORY_MB, MIN_MEMORY_MB, MAX_MEMORY_MB);
  const message = {
    language: request.language,
    source: request.source,
    input: JSON.stringify(request.input),
    timeoutMs,
    memoryMb,
    maxResultLength: MAX_RESULT_LENGTH,
  };
  const report = await pool.use(workspaceId, request.signal, (process) => process.run(message, request.signal));
  return toResult(report, { timeoutMs, memoryMb });
}

function toResult(report: RunReport, { timeoutMs, memoryMb }: { timeoutMs: number; memoryMb: number }): CodeResult {
  switch (report.status) {
    case "completed":
      return parseResult(report.result);
    case "failed": {
      const where = report.line === undefined ? "" : ` (line ${report.line})`;
      throw new HeddleError("code_failed", `${report.name}: ${report.message}${where}`, {
        details: { name: report.name, ...(report.line === undefined ? {} : { line: report.line }), logs: report.logs },
        ...(report.hint === undefined ? {} : { hint: report.hint }),
      });
    }
    case "timed-out":
      throw new HeddleError("code_timeout", `The code did not finish within ${timeoutMs / 1_000} s.`, { details: { timeoutMs } });
    case "out-of-memory":
      throw new HeddleError("code_out_of_memory", `The code used more than ${memoryMb} MB of memory.`, { details: { memoryMb } });
    case "crashed":
      throw new HeddleError("unavailable", "The sandbox for code ended unexpectedly.");
    case "too-large":
      throw new HeddleError("value_too_large", `The returned value is larger than ${MAX_RESULT_LENGTH / 1024 / 1024} MB.`);
  }
}

/** The text comes from a process that ran a stranger's code, so its shape is checked like any other input. */
function parseResult(text: string): CodeResult {
  try {
    const result = JSON.parse(text) as CodeResult;
    if (result.value !== undefined && Array.isArray(result.logs) && result.logs.every((line) => typeof line === "string")) {
      return { value: result.value, logs: result.logs };
    }
  } catch {
    // said below
  }
  throw new HeddleError("code_failed", "The code's result could not be read.");
}

function clamp(value: number, min: number, max: number): number {
  return Math.round(Math.min(Math.max(value, min), max));
}
