import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface LoadRequest {
  url: string;
  body: unknown;
  headers?: Record<string, string>;
  connections: number;
  seconds: number;
}
export interface LoadResult {
  requests: number;
  rps: number;
  p50Ms: number;
  p99Ms: number;
  /** Answers outside 2xx, and connections that broke. */
  errors: number;
}

/** Drives one address with wrk: a C program, so that the driver's own cost stays small beside the server's. */
export async function load({ url, body, headers = {}, connections, seconds }: LoadRequest): Promise<LoadResult> {
  const folder = mkdtempSync(join(tmpdir(), "heddle-bench-"));
  const script = join(folder, "request.lua");
  const lines = Object.entries({ "content-type": "application/json", ...headers }).map(
    ([name, value]) => `wrk.headers["${name}"]="${value}"`,
  );
  writeFileSync(script, [`wrk.method="POST"`, `wrk.body=[==[${JSON.stringify(body)}]==]`, ...lines, ""].join("\n"));
  try {
    const output = await collect("wrk", ["-t1", `-c${connections}`, `-d${seconds}s`, "--timeout", "30s", "--latency", "-s", script, url]);
    return parse(output);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function parse(output: string): LoadResult {
  const field = (pattern: RegExp): string => pattern.exec(output)?.[1] ?? "0";
  const sockets = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(output)?.slice(1).map(Number) ?? [];
  return {
    requests: Number(field(/(\d+) requests in/)),
    rps: Number(field(/Requests\/sec:\s+([\d.]+)/)),
    p50Ms: milliseconds(field(/^\s+50%\s+(\S+)/m)),
    p99Ms: milliseconds(field(/^\s+99%\s+(\S+)/m)),
    errors: Number(field(/Non-2xx or 3xx responses: (\d+)/)) + sockets.reduce((sum, count) => sum + count, 0),
  };
}

const UNITS: Record<string, number> = { us: 0.001, ms: 1, s: 1_000, m: 60_000 };

function milliseconds(text: string): number {
  const match = /([\d.]+)(us|ms|s|m)/.exec(text);
  return match ? Number(match[1]) * (UNITS[match[2] ?? ""] ?? 1) : 0;
}

function collect(command: string, args: string[]): Promise<string> {
  return new Promise((done, fail) => {
    let output = "";
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"] });
    child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
    child.on("error", fail);
    child.on("exit", (code) => (code === 0 ? done(output) : fail(new Error(`${command} ended with code ${code}`))));
  });
}
