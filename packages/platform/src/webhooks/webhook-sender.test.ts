import { uuidv7 } from "@heddle/db";
import { createEgress, type Egress } from "@heddle/egress";
import type { WebhookResource } from "@heddle/schema";
import { createTestDatabase, type TestDatabase } from "@heddle/testing/database";
import {
  answering, flooding, hanging, resetting, startWebhookReceiver, trailingOff, type WebhookReceiver,
} from "@heddle/testing/servers/webhook-receiver"; // prettier-ignore
import { Webhook } from "standardwebhooks";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createAccess } from "../access/access.ts";
import type { UserActor } from "../access/actor.ts";
import { createAuditLog } from "../audit/audit-log.ts";
import { createVault } from "../credentials/vault.ts";
import type { ExecutionNews } from "./enqueue-event.ts";
import { sweepDeliveries } from "./sweep-deliveries.ts";
import { createWebhooks, type Webhooks, type WebhooksOptions } from "./webhooks.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

let test: TestDatabase;
let egress: Egress;
let access: ReturnType<typeof createAccess>;
let receiver: WebhookReceiver;
let webhooks: Webhooks;
let owner: UserActor;
let workspaceId: string;
let now: number;
let faults: unknown[];

beforeAll(async () => {
  test = await createTestDatabase();
  egress = createEgress({ allowLoopback: true });
  access = createAccess(test.db);
});
afterAll(async () => {
  access.close();
  await egress.close();
  await test.close();
});
beforeEach(async () => {
  receiver = await startWebhookReceiver();
  const user = await test.createUser();
  ({ workspaceId } = user);
  owner = { kind: "user", userId: user.userId, sessionId: uuidv7(), email: user.email, name: null };
  now = Date.now();
  faults = [];
  webhooks = make();
});
afterEach(async () => {
  await webhooks.close(0);
  await receiver.close();
  // What is left over must not be claimed by the next test.
  await test.asOwner((client) => client.query("DELETE FROM webhook_endpoints"));
  expect(faults).toEqual([]);
});

function make(overrides: Partial<WebhooksOptions> = {}): Webhooks {
  return createWebhooks({
    db: test.db,
    access,
    audit: createAuditLog({ db: test.db, access, key: new Uint8Array(32) }),
    vault: createVault({ db: test.db, current: { id: "test", key: new Uint8Array(32).fill(1) } }),
    fetch: egress.fetch,
    now: () => new Date(now),
    random: () => 0.5,
    timeoutMs: 400,
    onFault: (fault) => faults.push(fault),
    ...overrides,
  });
}

function subscribe(url = receiver.url, rest: object = {}): Promise<WebhookResource & { secret: string }> {
  return webhooks.create(owner, { workspaceId, url, events: ["execution.completed", "execution.failed"], ...rest });
}

const news = (overrides: Partial<ExecutionNews> = {}): ExecutionNews => ({
  event: "execution.completed", at: new Date(now), id: uuidv7(), workspaceId, agentId: uuidv7(), deploymentId: uuidv7(), version: 3,
  trigger: "api", output: { answer: "Hello" }, error: null, tokensUsed: 7, costUsd: 0.01, latency: 120, startedAt: new Date(now - 120),
  ...overrides,
}); // prettier-ignore

const tell = (told: ExecutionNews = news()) => test.db.withWorkspace(told.workspaceId, (client) => webhooks.consumer.consume(client, told));

const only = async (webhookId: string) => {
  const { items } = await webhooks.deliveries.list(owner, { workspaceId, webhookId });
  expect(items).toHaveLength(1);
  return await webhooks.deliveries.byId(owner, { workspaceId, webhookId, id: items[0]?.id ?? "" });
};
/** Lets time pass up to the next attempt. */
const passTo = (time: string | null) => (now = Date.parse(time ?? ""));
/** Fails until it gives up. */
const exhaust = async (webhookId: string) => {
  for (let delivery = await only(webhookId); delivery.nextAttemptAt !== null; delivery = await only(webhookId)) {
    passTo(delivery.nextAttemptAt);
    await webhooks.sendDue();
  }
};

describe("a message", () => {
  it("is signed as Standard Webhooks says, and tells what happened", async () => {
    const { id, secret } = await subscribe();
    const told = news();
    await tell(told);
    expect(await webhooks.sendDue()).toBe(1);
    const [message] = receiver.received;
    expect(new Webhook(secret).verify(message?.body ?? "", message?.headers ?? {})).toEqual({
      type: "execution.completed",
      timestamp: told.at.toISOString(),
      data: {
        executionId: told.id, workspaceId, agentId: told.agentId, agentName: null, deploymentId: told.deploymentId, version: 3,
        trigger: "api", output: { answer: "Hello" }, isOutputOmitted: false, error: null, tokensUsed: 7, costUsd: 0.01, latency: 120,
        startedAt: told.startedAt.toISOString(),
      },
    }); // prettier-ignore
    expect(message?.headers["content-type"]).toBe("application/json");
    expect(await only(id)).toMatchObject({
      status: "DELIVERED",
      attempts: 1,
      responseStatus: 204,
      nextAttemptAt: null,
      requestBody: message?.body,
    });
  });

  it("goes to the endpoints that wait for it and to no others", async () => {
    const agentId = uuidv7();
    await subscribe(`${receiver.url}?all`);
    await subscribe(`${receiver.url}?agent`, { agentIds: [agentId] });
    await subscribe(`${receiver.url}?failures`, { events: ["execution.failed"] });
    await subscribe(`${receiver.url}?off`, { isEnabled: false });
    await tell(news());
    await tell(news({ agentId }));
    await tell(news({ deploymentId: null, agentId }));
    expect(await webhooks.sendDue()).toBe(3);
  });

  it("is written with the news or not at all", async () => {
    const { id } = await subscribe();
    const told = news();
    await expect(
      test.db.withWorkspace(workspaceId, async (client) => {
        await webhooks.consumer.consume(client, told);
        throw new Error("rolled back");
      }),
    ).rejects.toThrow("rolled back");
    expect((await webhooks.deliveries.list(owner, { workspaceId, webhookId: id })).items).toEqual([]);
  });

  it("leaves a large output to be fetched", async () => {
    await subscribe();
    await tell(news({ output: { text: "x".repeat(20_000) } }));
    await webhooks.sendDue();
    expect(JSON.parse(receiver.received[0]?.body ?? "")).toMatchObject({ data: { output: null, isOutputOmitted: true } });
  });
});

describe("a receiver that fails", () => {
  it.each([
    ["answers 500", answering(500), 500, "http_status"],
    ["answers 404", answering(404), 404, "http_status"],
    ["redirects to this machine", answering(302, { location: "http://127.0.0.1:9/" }), 302, "http_status"],
    ["never answers", hanging, null, "http_failed"],
    ["resets the connection", resetting, null, "http_failed"],
  ] as const)("is tried again when it %s", async (_, behaviour, status, code) => {
    const { id } = await subscribe();
    receiver.behave(behaviour);
    await tell();
    await webhooks.sendDue();
    const failed = await only(id);
    expect(failed).toMatchObject({ status: "PENDING", attempts: 1, responseStatus: status, error: { code } });
    expect(Date.parse(failed.nextAttemptAt ?? "") - now).toBe(5_000);
    expect(receiver.received).toHaveLength(1);
    receiver.behave(answering(200, {}, "thanks"));
    passTo(failed.nextAttemptAt);
    await webhooks.sendDue();
    const [first, second] = receiver.received;
    expect(second).toMatchObject({ body: first?.body, headers: { "webhook-id": first?.headers["webhook-id"] } });
    expect(second?.headers["webhook-signature"]).not.toBe(first?.headers["webhook-signature"]);
    expect(await only(id)).toMatchObject({ status: "DELIVERED", attempts: 2, log: [{ number: 1 }, { number: 2, responseBody: "thanks" }] });
  });

  it("gets ten attempts over three days, and then its message is a dead letter", async () => {
    const { id } = await subscribe();
    receiver.behave(answering(503));
    await tell();
    const [began, sentAt] = [now, [] as number[]];
    for (;;) {
      await webhooks.sendDue();
      sentAt.push(now - began);
      const { nextAttemptAt } = await only(id);
      if (nextAttemptAt === null) break;
      // Not a moment earlier.
      now = Date.parse(nextAttemptAt) - 1;
      expect(await webhooks.sendDue()).toBe(0);
      now += 1;
    }
    expect(sentAt.map((ms) => Math.round(ms / 1_000))).toEqual([0, 5, 305, 2_105, 9_305, 27_305, 63_305, 113_705, 185_705, 272_105]);
    expect(await only(id)).toMatchObject({ status: "DEAD_LETTERED", attempts: 10, responseStatus: 503 });
    now += 10 * DAY;
    expect(await webhooks.sendDue()).toBe(0);
    expect(receiver.received).toHaveLength(10);
  });

  it("is left alone for as long as it asks", async () => {
    const { id } = await subscribe();
    receiver.behave(answering(429, { "retry-after": "3600" }));
    await tell();
    await webhooks.sendDue();
    expect(Date.parse((await only(id)).nextAttemptAt ?? "") - now).toBeGreaterThanOrEqual(HOUR);
  });

  it("is switched off by answering 410, and what is pending for it becomes dead letters", async () => {
    const { id } = await subscribe();
    await tell();
    await tell();
    receiver.behave(answering(503));
    await webhooks.sendDue();
    await tell();
    receiver.behave(answering(410));
    await webhooks.sendDue();
    expect(await webhooks.byId(owner, { workspaceId, id })).toMatchObject({ isEnabled: false, disabledReason: "gone" });
    const { items } = await webhooks.deliveries.list(owner, { workspaceId, webhookId: id });
    expect(items.map(({ status }) => status)).toEqual(["DEAD_LETTERED", "DEAD_LETTERED", "DEAD_LETTERED"]);
    await tell();
    expect(await webhooks.sendDue()).toBe(0);
  });

  it("is switched off once nothing has reached it for five days and a message has given up", async () => {
    const { id } = await subscribe();
    receiver.behave(answering(500));
    await tell();
    await webhooks.sendDue();
    await exhaust(id);
    expect(await webhooks.byId(owner, { workspaceId, id })).toMatchObject({ isEnabled: true, failingSince: expect.any(String) });
    const { items } = await webhooks.deliveries.list(owner, { workspaceId, webhookId: id });
    await webhooks.deliveries.redrive(owner, { workspaceId, webhookId: id, id: items[0]?.id ?? "" });
    await webhooks.sendDue();
    await exhaust(id);
    expect(await webhooks.byId(owner, { workspaceId, id })).toMatchObject({ isEnabled: false, disabledReason: "failing" });
  });

  it("stays on where anything got through in between", async () => {
    const { id } = await subscribe();
    receiver.behave(answering(500));
    await tell();
    await webhooks.sendDue();
    now += 6 * DAY;
    receiver.behave(answering(204));
    await webhooks.sendDue();
    expect(await webhooks.byId(owner, { workspaceId, id })).toMatchObject({ isEnabled: true, failingSince: null });
  });
});

describe("an answer", () => {
  it("of any size is kept to its first 4 KiB", async () => {
    const { id } = await subscribe();
    receiver.behave(flooding);
    await tell();
    await webhooks.sendDue();
    const { status, log } = await only(id);
    expect([status, log[0]?.isBodyCut, log[0]?.responseBody?.length]).toEqual(["DELIVERED", true, 4_096]);
  });

  it("counts by its status, though its body never ends", async () => {
    const { id } = await subscribe();
    receiver.behave(trailingOff);
    await tell();
    await webhooks.sendDue();
    expect(await only(id)).toMatchObject({ status: "DELIVERED", log: [{ isBodyCut: true, responseBody: "well, " }] });
  });

  it("is written down without what is secret in it, and so is the request", async () => {
    const { id, secret } = await subscribe(`${receiver.url}?key=canary-query`);
    receiver.behave(answering(200, { "set-cookie": "canary-cookie", "x-api-key": "canary-header", "content-type": "text/plain" }, "a\0b"));
    await tell();
    await webhooks.sendDue();
    const [attempt] = (await only(id)).log;
    expect(attempt?.responseHeaders).toMatchObject({ "set-cookie": "…", "x-api-key": "…", "content-type": "text/plain" });
    expect(attempt?.requestHeaders["webhook-signature"]).toBe("v1,…");
    const { rows } = await test.asOwner((client) =>
      client.query<{ all: string }>(`SELECT concat(
        (SELECT json_agg(a) FROM webhook_attempts a), (SELECT json_agg(d) FROM webhook_deliveries d), (SELECT json_agg(s) FROM webhook_secrets s)) AS all`),
    );
    for (const hidden of ["canary-cookie", "canary-header", secret]) expect(rows[0]?.all).not.toContain(hidden);
  });
});

describe("the way out", () => {
  it("leads nowhere private", async () => {
    const guarded = createEgress();
    const strict = make({ fetch: guarded.fetch });
    const { id } = await strict.create(owner, { workspaceId, url: receiver.url, events: ["execution.completed"] });
    await tell();
    await strict.sendDue();
    expect(await only(id)).toMatchObject({ status: "PENDING", responseStatus: null, error: { code: "http_blocked" } });
    expect(receiver.received).toEqual([]);
    await strict.close(0);
    await guarded.close();
  });
});

describe("processes", () => {
  it("share what is due without sending anything twice", async () => {
    const { id } = await subscribe();
    for (let index = 0; index < 30; index++) await tell();
    const others = [make(), make()];
    const sent = await Promise.all([webhooks, ...others].map((each) => each.sendDue()));
    expect(sent.reduce((sum, count) => sum + count, 0)).toBe(30);
    expect(new Set(receiver.received.map(({ headers }) => headers["webhook-id"])).size).toBe(30);
    expect(receiver.received).toHaveLength(30);
    const { items } = await webhooks.deliveries.list(owner, { workspaceId, webhookId: id, status: "DELIVERED" });
    expect(items).toHaveLength(30);
    await Promise.all(others.map((each) => each.close(0)));
  });

  it("that die leave their deliveries to others after the lease, under the same id", async () => {
    const { id } = await subscribe();
    await tell();
    const claim = "SELECT id FROM heddle_claim_webhook_deliveries($1, '90 seconds', $2, 10, 5, '{}')";
    expect((await test.db.pools.app.query(claim, [new Date(now), uuidv7()])).rowCount).toBe(1);
    expect(await webhooks.sendDue()).toBe(0);
    now += 90_000;
    expect(await webhooks.sendDue()).toBe(1);
    expect(await only(id)).toMatchObject({ status: "DELIVERED", attempts: 1 });
  });

  it("that come back from the dead can't overrule those that took over", async () => {
    const { id } = await subscribe();
    const slow = make({ timeoutMs: 10_000 });
    let finish = (): void => undefined;
    receiver.behave((response) => (finish = () => void response.writeHead(500).end()));
    await tell();
    const late = slow.sendDue();
    await expect.poll(() => receiver.received.length).toBe(1);
    now += 90_000;
    receiver.behave(answering(204));
    await webhooks.sendDue();
    finish();
    await late;
    expect(await only(id)).toMatchObject({ status: "DELIVERED", attempts: 1, responseStatus: 204, log: [{ number: 1 }] });
    await slow.close(0);
  });

  it("that are told to stop give back what they could not finish, uncounted", async () => {
    const { id } = await subscribe();
    const slow = make({ timeoutMs: 10_000 });
    receiver.behave(hanging);
    await tell();
    const sending = slow.sendDue();
    await expect.poll(() => receiver.received.length).toBe(1);
    await slow.close(10);
    await sending;
    expect(await only(id)).toMatchObject({ status: "PENDING", attempts: 0, log: [] });
    receiver.behave(answering(204));
    expect(await webhooks.sendDue()).toBe(1);
  });

  it("are not held up by an endpoint that hangs", async () => {
    const other = await startWebhookReceiver();
    receiver.behave(hanging);
    await subscribe();
    const { id } = await subscribe(other.url);
    for (let index = 0; index < 20; index++) await tell();
    const patient = make({ timeoutMs: 10_000, concurrency: 10 });
    patient.start();
    await expect.poll(() => other.received.length, { timeout: 8_000 }).toBe(20);
    await expect
      .poll(async () => (await webhooks.deliveries.list(owner, { workspaceId, webhookId: id, status: "DELIVERED" })).items.length)
      .toBe(20);
    await patient.close(0);
    await other.close();
  });
});

it("forgets deliveries a month after they were made, and none that is still pending", async () => {
  const { id } = await subscribe();
  await tell();
  await webhooks.sendDue();
  await tell();
  expect(await sweepDeliveries(test.db, Date.now() + 29 * DAY)).toBe(0);
  expect(await sweepDeliveries(test.db, Date.now() + 31 * DAY)).toBe(1);
  expect((await webhooks.deliveries.list(owner, { workspaceId, webhookId: id })).items).toMatchObject([{ status: "PENDING" }]);
});
