import { spawn } from "node:child_process";
import { join } from "node:path";
import { endProcess, freePort, type HeddleProcess } from "@heddle/testing/heddle-process";
import { signUp } from "./api-client.ts";
import type { Flow } from "./flows.ts";

/** A script of this folder that runs as a server. */
export interface ScriptServer {
  url: string;
  pid: number;
  stop: () => Promise<void>;
}

/** Starts a script of this folder that prints `ready` once it listens. */
export async function startScript(name: string, environment: Record<string, string> = {}): Promise<ScriptServer> {
  const port = await freePort();
  const child = spawn(process.execPath, [join(import.meta.dirname, name)], {
    env: { ...process.env, ...environment, PORT: String(port) },
    stdio: ["ignore", "pipe", "inherit"],
  });
  await new Promise<void>((done, fail) => {
    child.stdout.once("data", () => done());
    child.once("exit", (code) => fail(new Error(`${name} ended with code ${code}`)));
  });
  return { url: `http://127.0.0.1:${port}`, pid: child.pid ?? 0, stop: () => endProcess(child) };
}

export interface DeployedFlow {
  url: string;
  headers: Record<string, string>;
}

/** Signs up, makes a key and a model connection, and deploys each flow, all by the public API. */
export async function deployFlows(server: HeddleProcess, modelUrl: string, flows: readonly Flow[]): Promise<Map<string, DeployedFlow>> {
  const { post, workspaceId } = await signUp(server.url);
  const workspace = `/api/workspaces/${workspaceId}`;
  const { key } = await post<{ key: string }>(`${workspace}/api-keys`, { name: "bench", scopes: ["read", "write", "deploy"] });
  const connections = new Map<number, string>();
  for (const modelMs of new Set(flows.map((flow) => flow.modelMs))) {
    const { id } = await post<{ id: string }>(`${workspace}/credentials`, {
      name: `Bench model, ${modelMs} ms`,
      type: "openai-compatible",
      fields: { baseUrl: `${modelUrl}/d${modelMs}/v1`, apiKey: "bench" },
    });
    connections.set(modelMs, id);
  }
  const deployed = new Map<string, DeployedFlow>();
  for (const flow of flows) {
    const agent = await post<{ id: string }>(`${workspace}/agents`, {
      name: `Flow ${flow.name}`,
      config: flow.document(connections.get(flow.modelMs) ?? ""),
    });
    const deployment = await post<{ id: string }>(`/api/agents/${agent.id}/deploy`, {});
    const origin = server.url.replace("localhost", "127.0.0.1");
    deployed.set(flow.name, { url: `${origin}/api/deployments/${deployment.id}/execute`, headers: { authorization: `Bearer ${key}` } });
  }
  return deployed;
}
