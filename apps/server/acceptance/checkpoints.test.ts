import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Checkpoint } from "@heddle/db/checkpoint";
import type { DeadLetter, ExecutionResource, ExecutionResult } from "@heddle/schema";
import { type HeddleCluster, startCluster } from "@heddle/testing/heddle-cluster";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chain, node } from "./documents.ts";
import { type HeddleClient, signUp } from "./heddle-client.ts";

let cluster: HeddleCluster;
let user: HeddleClient;
let shop: Server;
/** How often each effect was done, by its key; a key that comes again is answered from memory. */
const keysOf = new Map<string, Set<string>>();
const failed = new Set<string>();

beforeAll(async () => {
  shop = createServer((request, response) => {
    const key = String(request.headers["idempotency-key"]);
    const isRefused = request.url === "/refuse" || (request.url === "/fail-once" && !failed.has(key));
    failed.add(key);
    const run = key.slice(0, 36);
    if (!isRefused) keysOf.set(run, (keysOf.get(run) ?? new Set()).add(key));
    response.writeHead(isRefused ? (request.url === "/refuse" ? 400 : 503) : 200, { "content-type": "application/json" }).end("{}");
  });
  await new Promise<void>((done) => shop.listen(0, "127.0.0.1", done));
  cluster = await startCluster({ hasRedis: false });
  user = await signUp(cluster.front.url);
});
afterAll(async () => {
  await cluster?.stop();
  shop?.close();
});

const port = () => (shop.address() as AddressInfo).port;
const environment = () => ({ HEDDLE_LEASE_SECONDS: "3", HEDDLE_EGRESS_ALLOW: `127.0.0.1:${port()}` });
const call = (id: string, path = "effect") =>
  node(id, "http-request", { method: "POST", url: `http://127.0.0.1:${port()}/${path}`, bodyKind: "json", json: {} });
const reply = node("reply", "reply", { mode: "json", json: "done" });
const start = node("start", "api-trigger");
const orders = () => chain([start, call("one"), call("two"), reply]);

/** What is done at a checkpoint, and how a run ends all the same. */
interface Case {
  roles: string;
  document: () => ReturnType<typeof chain>;
  /** Makes the process reach it, given the deployment. Called again until it has died. */
  go: (deploymentId: string, victimUrl: string) => Promise<string | undefined>;
  status?: "COMPLETED" | "FAILED";
  effects?: number;
}

/** Leaves a run to whoever takes it; asked again under one key, so that it is one run. */
const enqueueAt = async (url: string, deploymentId: string, key: string = randomUUID()): Promise<string | undefined> => {
  const response = await fetch(`${url}/api/deployments/${deploymentId}/execute?async=1`, {
    method: "POST",
    headers: { cookie: user.cookie, "content-type": "application/json", "idempotency-key": key },
    body: JSON.stringify({ input: {} }),
  }).catch(() => undefined);
  return response?.status === 202 ? ((await response.json()) as ExecutionResult).executionId : undefined;
};
const enqueue = (deploymentId: string) => enqueueAt(cluster.front.url, deploymentId);
const atWorker: Omit<Case, "document"> = { roles: "worker", go: enqueue, effects: 2 };

const CASES: Partial<Record<Checkpoint, Case>> = {
  accepted: {
    roles: "gateway",
    document: orders,
    effects: 2,
    go: async (deploymentId, victimUrl) => {
      const key = randomUUID();
      return (await enqueueAt(victimUrl, deploymentId, key)) ?? (await enqueueAt(cluster.front.url, deploymentId, key));
    },
  },
  "tick-fired": {
    roles: "scheduler",
    document: () => chain([node("tick", "schedule-trigger", { cron: "* * * * * *" }), call("one"), reply]),
    go: () => Promise.resolve(undefined),
    effects: 1,
  },
  claimed: { ...atWorker, document: orders },
  "steps-recorded": { ...atWorker, document: orders },
  "retry-scheduled": { ...atWorker, document: () => chain([start, call("one"), call("two", "fail-once"), reply]) },
  "before-outcome": { ...atWorker, document: orders },
  "outcome-committed": { ...atWorker, document: orders },
  "dead-lettered": {
    ...atWorker,
    status: "FAILED",
    effects: 1,
    document: () =>
      chain([start, call("one"), node("no", "http-request", { method: "POST", url: `http://127.0.0.1:${port()}/refuse` }), reply]),
  },
};

describe("a process that dies", () => {
  it.each(Object.entries(CASES))(
    "at the checkpoint %s loses nothing and does nothing twice",
    { timeout: 90_000 },
    async (checkpoint, { roles, document, go, status = "COMPLETED", effects }) => {
      const { id: deploymentId, agentId } = await user.deploy(document());
      const victim = await cluster.start(roles, { ...environment(), HEDDLE_STOP_AT: checkpoint });
      const accepted: string[] = [];
      await expect
        .poll(
          async () => {
            if (!existsSync(`/proc/${victim.pid}/cwd`)) return "dead";
            const id = await go(deploymentId, victim.url);
            if (id !== undefined) accepted.push(id);
            return "alive";
          },
          { timeout: 40_000, interval: 500 },
        )
        .toBe("dead");
      if (checkpoint === "tick-fired") await user.json("PUT", `/api/deployments/${deploymentId}`, { body: { status: "INACTIVE" } });

      const heir = await cluster.start("worker,scheduler", environment());
      const list = () => user.all<ExecutionResource>(`/api/agents/${agentId}/executions`);
      await expect.poll(async () => (await list()).filter(({ completedAt }) => completedAt === null), { timeout: 40_000 }).toEqual([]);
      const runs = await list();
      // Nothing accepted is missing, and nothing ran that was not asked for.
      expect(runs.length).toBeGreaterThan(0);
      if (checkpoint !== "tick-fired") expect(runs.map(({ id }) => id).toSorted()).toEqual(accepted.toSorted());
      for (const run of runs) {
        expect(run.status).toBe(status);
        expect(keysOf.get(run.id)?.size).toBe(effects);
      }
      if (checkpoint === "tick-fired") {
        const ticks = runs.map(({ input }) => (input as { scheduledAt: string }).scheduledAt);
        expect(new Set(ticks).size).toBe(ticks.length);
      }
      if (status === "FAILED") {
        const letters = await user.all<DeadLetter>(`/api/workspaces/${user.workspaceId}/dead-letters`);
        expect(letters.map(({ id }) => id).toSorted()).toEqual(accepted.toSorted());
      }
      await heir.stop();
    },
  );
});
