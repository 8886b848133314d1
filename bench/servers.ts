import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Flow } from "./flows.ts";

export interface RunningServer {
  url: string;
  pid: number;
  stop: () => Promise<void>;
}

const root = join(import.meta.dirname, "..");

/** Starts a script of this folder that prints `ready` once it listens. */
export async function startScript(name: string, environment: Record<string, string> = {}): Promise<RunningServer> {
  const port = await freePort();
  const child = spawn(process.execPath, [join(import.meta.dirname, name)], { env: { ...process.env, ...environment, PORT: String(port) }, stdio: ["ignore", "pipe", "inherit"] });
  await new Promise<void>((done, fail) => {
    child.stdout?.once("data", () => done());
    child.once("exit", (code) => fail(new Error(`${name} ended with code ${code}`)));
  });
  return { url: `http://127.0.0.1:${port}`, pid: pidOf(child), stop: () => stop(child) };
}

/** Starts Heddle as shipped: embedded PostgreSQL, default settings, an empty data folder. */
export async function startHeddle(): Promise<RunningServer> {
  const port = await freePort();
  const data = mkdtempSync(join(tmpdir(), "heddle-bench-data-"));
  const url = `http://localhost:${port}`;
  const child = spawn(process.execPath, ["apps/server/src/main.ts"], {
    cwd: root,
    env: { ...process.env, PORT: String(port), HEDDLE_DATA_DIR: data, LOG_LEVEL: "warn" },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const deadline = Date.now() + 60_000;
  while (!(await isReady(url))) {
    if (Date.now() > deadline || child.exitCode !== null) throw new Error("Heddle did not become ready within a minute");
    await new Promise((done) => setTimeout(done, 100));
  }
  const end = async (): Promise<void> => {
    await stop(child);
    rmSync(data, { recursive: true, force: true });
  };
  return { url, pid: pidOf(child), stop: end };
}

async function isReady(url: string): Promise<boolean> {
  return fetch(`${url}/api/ready`).then(
    (response) => response.ok,
    () => false,
  );
}

export interface DeployedFlow {
  url: string;
  headers: Record<string, string>;
}

/** Signs up, makes a key and a model connection, and deploys each flow, all by the public API. */
export async function deployFlows(server: RunningServer, modelUrl: string, flows: readonly Flow[]): Promise<Map<string, DeployedFlow>> {
  let cookie = "";
  const post = async <T>(path: string, body: unknown): Promise<T> => {
    const response = await fetch(`${server.url}${path}`, { method: "POST", headers: { "content-type": "application/json", cookie }, body: JSON.stringify(body) });
    const text = await response.text();
    if (!response.ok) throw new Error(`POST ${path} answered ${response.status}: ${text}`);
    const cookies = response.headers.getSetCookie().map((line) => line.split(";")[0]);
    if (cookies.length > 0) cookie = cookies.join("; ");
    return (text === "" ? {} : JSON.parse(text)) as T;
  };
  await post("/api/auth/register", { email: "bench@example.com", password: "a long bench password", name: "Bench" });
  const list = (await (await fetch(`${server.url}/api/workspaces`, { headers: { cookie } })).json()) as { items: { id: string }[] };
  const workspace = `/api/workspaces/${list.items[0]?.id}`;
  const { key } = await post<{ key: string }>(`${workspace}/api-keys`, { name: "bench", scopes: ["read", "write", "deploy"] });
  const credential = await post<{ id: string }>(`${workspace}/credentials`, {
    name: "Bench model",
    type: "openai-compatible",
    fields: { baseUrl: `${modelUrl}/v1`, apiKey: "bench" },
  });
  const deployed = new Map<string, DeployedFlow>();
  for (const flow of flows) {
    const agent = await post<{ id: string }>(`${workspace}/agents`, { name: `Flow ${flow.name}`, config: flow.document(credential.id) });
    const deployment = await post<{ id: string }>(`/api/agents/${agent.id}/deploy`, {});
    deployed.set(flow.name, { url: `${server.url.replace("localhost", "127.0.0.1")}/api/deployments/${deployment.id}/execute`, headers: { authorization: `Bearer ${key}` } });
  }
  return deployed;
}

function pidOf(child: ChildProcess): number {
  if (child.pid === undefined) throw new Error("The process could not be started");
  return child.pid;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = new Promise((done) => child.once("exit", done));
  child.kill("SIGTERM");
  await ended;
}

function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const probe = createServer();
    probe.once("error", fail);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => done(typeof address === "object" && address ? address.port : 0));
    });
  });
}
