import { randomUUID } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Checkpoint } from "@heddle/db/checkpoint";
import type { DeadLetter, ExecutionResource, ExecutionResult, WebhookDelivery, WebhookEvent } from "@heddle/schema";
import { type HeddleCluster, startCluster } from "@heddle/testing/heddle-cluster";
import { startWebhookReceiver } from "@heddle/testing/servers/webhook-receiver";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { chain, node } from "./documents.ts";
import { type HeddleClient, signUp } from "./heddle-client.ts";

let cluster: HeddleCluster;
let user: HeddleClient;
let shop: Server;
/** How often each effect was asked for and not refused, by its key; a key that comes again is answered from memory. */
const effects = new Map<string, number>();
const failed = new Set<string>();
/** Whoever asks for /hold meanwhile gets no answer, though the effect is done. */
let isHolding = false;

beforeAll(async () => {
  shop = createServer((request, response) => {
    const key = String(request.headers["idempotency-key"]);
    const isRefused = request.url === "/refuse" || (request.url === "/fail-once" && !failed.has(key));
    failed.add(key);
    if (!isRefused) effects.set(key, (effects.get(key) ?? 0) + 1);
    if (request.url === "/hold" && isHolding) return;
    response.writeHead(isRefused ? (request.url === "/refuse" ? 400 : 503) : 200, { "content-type": "application/json" }).end("{}");
  });
  await new Promise<void>((done) => shop.listen(0, "127.0.0.1", done));
  // The front takes part in nothing that is to be cut off: whoever is told to die there is the only one who can get there.
  cluster = await startCluster({ hasRedis: false, roles: "web,gateway" });
  user = await signUp(cluster.front.url);
});
afterAll(async () => {
  await cluster?.stop();
  shop?.closeAllConnections();
  shop?.close();
});

const shopHost = () => `127.0.0.1:${(shop.address() as AddressInfo).port}`;
const call = (id: string, path = "effect") =>
  node(id, "http-request", { method: "POST", url: `http://${shopHost()}/${path}`, bodyKind: "json", json: {} });
const reply = node("reply", "reply", { mode: "json", json: "done" });
const start = node("start", "api-trigger");
const orders = () => chain([start, call("one"), call("two"), reply]);

/** What is done at a checkpoint, and how a run ends all the same. */
interface Case {
  roles: string;
  document: () => ReturnType<typeof chain>;
  /** Makes the process reach it, given the deployment. @returns the run that was accepted, whoever said so */
  go: (deploymentId: string, victimUrl: string) => Promise<string | undefined>;
  status?: "COMPLETED" | "FAILED";
  /** Of each run. */
  effects: number;
  /** Whether it dies with a step's outcome in its memory alone, so that the step is done again, under the same key. */
  isRepeating?: true;
  /** How often the run's end is told by webhook, where it is; always as the same message. */
  messages?: number;
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

/** All but the one that only a process which has its database to itself comes by: `durability.test.ts` has it. */
const CASES: Record<Exclude<Checkpoint, "landed">, Case> = {
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
  "steps-recorded": { ...atWorker, document: () => chain([start, call("one"), call("two", "hold"), reply]) },
  suspended: {
    ...atWorker,
    // Long enough for the run to be put away.
    document: () =>
      chain([start, call("one"), node("wait", "wait", { kind: "duration", duration: 5, unit: "seconds" }), call("two"), reply]),
  },
  "wait-resolved": {
    roles: "web,gateway,worker",
    effects: 2,
    document: () => {
      const agent = chain([start, call("one"), node("ask", "wait", { kind: "approval", title: "May it?" }), call("two"), reply]);
      for (const edge of agent.edges ?? []) if (edge.source.node === "ask") edge.source.port = "approved";
      return agent;
    },
    go: async (deploymentId, victimUrl) => {
      const id = await enqueue(deploymentId);
      await expect.poll(async () => (await user.execution(id ?? "")).status, { timeout: 20_000 }).toBe("WAITING");
      const decide = (url: string) =>
        fetch(`${url}/api/executions/${id}/decision`, {
          method: "POST",
          headers: { cookie: user.cookie, "content-type": "application/json" },
          body: JSON.stringify({ key: "ask#", decision: "approve" }),
        }).then(
          ({ status }) => status,
          () => "no answer",
        );
      expect(await decide(victimUrl)).toBe("no answer");
      // It counts all the same: whoever asks again is told that there is nothing left to decide.
      expect(await decide(cluster.front.url)).toBe(409);
      return id;
    },
  },
  "retry-scheduled": { ...atWorker, document: () => chain([start, call("one"), call("two", "fail-once"), reply]) },
  "before-outcome": { ...atWorker, document: orders, isRepeating: true },
  "outcome-committed": { ...atWorker, document: orders },
  "dead-lettered": {
    ...atWorker,
    status: "FAILED",
    effects: 1,
    document: () => chain([start, call("one"), node("no", "http-request", { method: "POST", url: `http://${shopHost()}/refuse` }), reply]),
  },
  "outbox-handed-on": { ...atWorker, roles: "worker,scheduler", document: orders, messages: 1 },
  "webhook-sent": { ...atWorker, roles: "worker,scheduler", document: orders, messages: 2 },
};

/** A receiver of the news that runs have ended, for this test alone. */
async function startReceiver() {
  const receiver = await startWebhookReceiver();
  const path = `/api/workspaces/${user.workspaceId}/webhooks`;
  const events: WebhookEvent[] = ["execution.completed"];
  const { id } = await user.json<{ id: string }>("POST", path, { body: { url: receiver.url, events } });
  onTestFinished(async () => {
    await user.json("DELETE", `${path}/${id}`);
    await receiver.close();
  });
  return {
    host: new URL(receiver.url).host,
    deliveries: () => user.all<WebhookDelivery>(`${path}/${id}/deliveries`),
    received: () => receiver.received.map(({ headers, body }) => `${headers["webhook-id"]} ${body}`),
  };
}

// The last first: an heir that is stopped may leave news of runs, and the next to hand news on would die of that.
describe("a process that dies", () => {
  it.each((Object.keys(CASES) as (keyof typeof CASES)[]).toReversed())(
    "at the checkpoint %s loses nothing and does nothing twice",
    { timeout: 90_000 },
    async (checkpoint) => {
      const { roles, document, go, status = "COMPLETED", ...expected } = CASES[checkpoint];
      const receiver = expected.messages === undefined ? undefined : await startReceiver();
      const startProcess = async (parts: string, rest: Record<string, string> = {}) => {
        const hosts = receiver === undefined ? shopHost() : `${shopHost()},${receiver.host}`;
        const started = await cluster.start(parts, { HEDDLE_LEASE_SECONDS: "3", HEDDLE_EGRESS_ALLOW: hosts, ...rest });
        onTestFinished(() => started.stop());
        return started;
      };
      const victim = await startProcess(roles, { HEDDLE_STOP_AT: checkpoint });
      isHolding = true;
      const { id: deploymentId, agentId } = await user.deploy(document());
      const accepted = await go(deploymentId, victim.url);
      expect(await victim.ended).toBe("SIGKILL");
      isHolding = false;
      if (checkpoint === "tick-fired") await user.json("PUT", `/api/deployments/${deploymentId}`, { body: { status: "INACTIVE" } });

      await startProcess("worker,scheduler");
      const list = () => user.all<ExecutionResource>(`/api/agents/${agentId}/executions`);
      await expect.poll(async () => (await list()).filter(({ completedAt }) => completedAt === null), { timeout: 40_000 }).toEqual([]);
      const runs = await list();
      // Nothing accepted is missing, and nothing ran that was not asked for.
      expect(runs.length).toBeGreaterThan(0);
      if (checkpoint !== "tick-fired") expect(runs.map(({ id }) => id)).toEqual([accepted]);
      for (const run of runs) {
        expect(run.status).toBe(status);
        expect([...effects.keys()].filter((key) => key.startsWith(run.id))).toHaveLength(expected.effects);
        if (!expected.isRepeating) expect(effects.get(`${run.id}:one#`)).toBe(1);
      }
      if (checkpoint === "tick-fired") {
        const ticks = runs.map(({ input }) => (input as { scheduledAt: string }).scheduledAt);
        expect(new Set(ticks).size).toBe(ticks.length);
      }
      if (status === "FAILED") {
        const letters = await user.all<DeadLetter>(`/api/workspaces/${user.workspaceId}/dead-letters`);
        expect(letters.map(({ id }) => id)).toEqual([accepted]);
      }
      if (receiver !== undefined) {
        const ended = { status: "DELIVERED", executionId: accepted, attempts: 1 };
        await expect.poll(receiver.deliveries, { timeout: 40_000 }).toMatchObject([ended]);
        // It may come again after a crash, and then says that it is the same.
        expect(receiver.received()).toHaveLength(expected.messages ?? 0);
        expect(new Set(receiver.received()).size).toBe(1);
      }
    },
  );
});
