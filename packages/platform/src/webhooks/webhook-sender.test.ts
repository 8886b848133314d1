import { uuidv7 } from "@heddle/db";
import { createEgress } from "@heddle/egress";
import type { WebhookResource } from "@heddle/schema";
import { answering, flooding, hanging, resetting, startWebhookReceiver, trailingOff } from "@heddle/testing/servers/webhook-receiver";
import { createTestWebhooks, type TestWebhooks } from "@heddle/testing/test-webhooks";
import { Webhook } from "standardwebhooks";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createVault } from "../credentials/vault.ts";
import { sweepDeliveries } from "./sweep-deliveries.ts";
import { WebhookSender } from "./webhook-sender.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

let test: TestWebhooks;
beforeAll(async () => {
  test = await createTestWebhooks();
});
beforeEach(() => test.renew());
afterEach(() => expect(test.faults).toEqual([]));
afterAll(() => test.close());

function subscribe(url = test.receiver.url, rest: object = {}): Promise<WebhookResource & { secret: string }> {
  const { webhooks, owner, workspaceId } = test;
  return webhooks.create(owner, { workspaceId, url, events: ["execution.completed", "execution.failed"], ...rest });
}

const only = async (webhookId: string) => {
  const { items } = await test.webhooks.deliveries.list(test.owner, { workspaceId: test.workspaceId, webhookId });
  expect(items).toHaveLength(1);
  return await test.webhooks.deliveries.byId(test.owner, { workspaceId: test.workspaceId, webhookId, id: items[0]?.id ?? "" });
};
/** Lets time pass up to the next attempt. */
const passTo = (time: string | null) => (test.clock.now = Date.parse(time ?? ""));
/** Fails until it gives up. */
const exhaust = async (webhookId: string) => {
  for (let delivery = await only(webhookId); delivery.nextAttemptAt !== null; delivery = await only(webhookId)) {
    passTo(delivery.nextAttemptAt);
    await test.webhooks.sendDue();
  }
};

describe("a message", () => {
  it("is signed as Standard Webhooks says, and tells what happened", async () => {
    const { id, secret } = await subscribe();
    const told = test.newsOf();
    await test.tell(told);
    expect(await test.webhooks.sendDue()).toBe(1);
    const [message] = test.receiver.received;
    expect(new Webhook(secret).verify(message?.body ?? "", message?.headers ?? {})).toEqual({
      type: "execution.completed",
      timestamp: told.at.toISOString(),
      data: {
        executionId: told.id, workspaceId: test.workspaceId, agentId: told.agentId, agentName: null, deploymentId: told.deploymentId, version: 3,
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
    await subscribe(`${test.receiver.url}?all`);
    await subscribe(`${test.receiver.url}?agent`, { agentIds: [agentId] });
    await subscribe(`${test.receiver.url}?failures`, { events: ["execution.failed"] });
    await subscribe(`${test.receiver.url}?off`, { isEnabled: false });
    await test.tell(test.newsOf());
    await test.tell(test.newsOf({ agentId }));
    await test.tell(test.newsOf({ deploymentId: null, agentId }));
    expect(await test.webhooks.sendDue()).toBe(3);
  });

  it("is written with the news or not at all", async () => {
    const { id } = await subscribe();
    const told = test.newsOf();
    await expect(
      test.database.db.withWorkspace(test.workspaceId, async (client) => {
        await test.webhooks.consumer.consume(client, told);
        throw new Error("rolled back");
      }),
    ).rejects.toThrow("rolled back");
    expect((await test.webhooks.deliveries.list(test.owner, { workspaceId: test.workspaceId, webhookId: id })).items).toEqual([]);
  });

  it("leaves a large output to be fetched", async () => {
    await subscribe();
    await test.tell(test.newsOf({ output: { text: "x".repeat(20_000) } }));
    await test.webhooks.sendDue();
    expect(JSON.parse(test.receiver.received[0]?.body ?? "")).toMatchObject({ data: { output: null, isOutputOmitted: true } });
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
    test.receiver.behave(behaviour);
    await test.tell();
    await test.webhooks.sendDue();
    const failed = await only(id);
    expect(failed).toMatchObject({ status: "PENDING", attempts: 1, responseStatus: status, error: { code } });
    expect(Date.parse(failed.nextAttemptAt ?? "") - test.clock.now).toBe(5_000);
    expect(test.receiver.received).toHaveLength(1);
    test.receiver.behave(answering(200, {}, "thanks"));
    passTo(failed.nextAttemptAt);
    await test.webhooks.sendDue();
    const [first, second] = test.receiver.received;
    expect(second).toMatchObject({ body: first?.body, headers: { "webhook-id": first?.headers["webhook-id"] } });
    expect(second?.headers["webhook-signature"]).not.toBe(first?.headers["webhook-signature"]);
    expect(await only(id)).toMatchObject({ status: "DELIVERED", attempts: 2, log: [{ number: 1 }, { number: 2, responseBody: "thanks" }] });
  });

  it("gets ten attempts over three days, and then its message is a dead letter", async () => {
    const { id } = await subscribe();
    test.receiver.behave(answering(503));
    await test.tell();
    const [began, sentAt] = [test.clock.now, [] as number[]];
    for (;;) {
      await test.webhooks.sendDue();
      sentAt.push(test.clock.now - began);
      const { nextAttemptAt } = await only(id);
      if (nextAttemptAt === null) break;
      // Not a moment earlier.
      test.clock.now = Date.parse(nextAttemptAt) - 1;
      expect(await test.webhooks.sendDue()).toBe(0);
      test.clock.now += 1;
    }
    expect(sentAt.map((ms) => Math.round(ms / 1_000))).toEqual([0, 5, 305, 2_105, 9_305, 27_305, 63_305, 113_705, 185_705, 272_105]);
    expect(await only(id)).toMatchObject({ status: "DEAD_LETTERED", attempts: 10, responseStatus: 503 });
    test.clock.now += 10 * DAY;
    expect(await test.webhooks.sendDue()).toBe(0);
    expect(test.receiver.received).toHaveLength(10);
  });

  it("is left alone for as long as it asks", async () => {
    const { id } = await subscribe();
    test.receiver.behave(answering(429, { "retry-after": "3600" }));
    await test.tell();
    await test.webhooks.sendDue();
    expect(Date.parse((await only(id)).nextAttemptAt ?? "") - test.clock.now).toBeGreaterThanOrEqual(HOUR);
  });

  it("is switched off by answering 410, and what is pending for it becomes dead letters", async () => {
    const { id } = await subscribe();
    await test.tell();
    await test.tell();
    test.receiver.behave(answering(503));
    await test.webhooks.sendDue();
    await test.tell();
    test.receiver.behave(answering(410));
    await test.webhooks.sendDue();
    expect(await test.webhooks.byId(test.owner, { workspaceId: test.workspaceId, id })).toMatchObject({
      isEnabled: false,
      disabledReason: "gone",
    });
    const { items } = await test.webhooks.deliveries.list(test.owner, { workspaceId: test.workspaceId, webhookId: id });
    expect(items.map(({ status }) => status)).toEqual(["DEAD_LETTERED", "DEAD_LETTERED", "DEAD_LETTERED"]);
    await test.tell();
    expect(await test.webhooks.sendDue()).toBe(0);
  });

  it("is switched off once nothing has reached it for five days and a message has given up", async () => {
    const { id } = await subscribe();
    test.receiver.behave(answering(500));
    await test.tell();
    await test.webhooks.sendDue();
    await exhaust(id);
    expect(await test.webhooks.byId(test.owner, { workspaceId: test.workspaceId, id })).toMatchObject({
      isEnabled: true,
      failingSince: expect.any(String),
    });
    const { items } = await test.webhooks.deliveries.list(test.owner, { workspaceId: test.workspaceId, webhookId: id });
    await test.webhooks.deliveries.redrive(test.owner, { workspaceId: test.workspaceId, webhookId: id, id: items[0]?.id ?? "" });
    await test.webhooks.sendDue();
    await exhaust(id);
    expect(await test.webhooks.byId(test.owner, { workspaceId: test.workspaceId, id })).toMatchObject({
      isEnabled: false,
      disabledReason: "failing",
    });
  });

  it("stays on where anything got through in between", async () => {
    const { id } = await subscribe();
    test.receiver.behave(answering(500));
    await test.tell();
    await test.webhooks.sendDue();
    test.clock.now += 6 * DAY;
    test.receiver.behave(answering(204));
    await test.webhooks.sendDue();
    expect(await test.webhooks.byId(test.owner, { workspaceId: test.workspaceId, id })).toMatchObject({
      isEnabled: true,
      failingSince: null,
    });
  });
});

describe("an answer", () => {
  it("of any size is kept to its first 4 KiB", async () => {
    const { id } = await subscribe();
    test.receiver.behave(flooding);
    await test.tell();
    await test.webhooks.sendDue();
    const { status, log } = await only(id);
    expect([status, log[0]?.isBodyCut, log[0]?.responseBody?.length]).toEqual(["DELIVERED", true, 4_096]);
  });

  it("counts by its status, though its body never ends", async () => {
    const { id } = await subscribe();
    test.receiver.behave(trailingOff);
    await test.tell();
    await test.webhooks.sendDue();
    expect(await only(id)).toMatchObject({ status: "DELIVERED", log: [{ isBodyCut: true, responseBody: "well, " }] });
  });

  it("is written down without what is secret in it, and so is the request", async () => {
    const { id, secret } = await subscribe(`${test.receiver.url}?key=canary-query`);
    test.receiver.behave(
      answering(200, { "set-cookie": "canary-cookie", "x-api-key": "canary-header", "content-type": "text/plain" }, "a\0b"),
    );
    await test.tell();
    await test.webhooks.sendDue();
    const [attempt] = (await only(id)).log;
    expect(attempt?.responseHeaders).toMatchObject({ "set-cookie": "…", "x-api-key": "…", "content-type": "text/plain" });
    expect(attempt?.requestHeaders["webhook-signature"]).toBe("v1,…");
    const { rows } = await test.database.asOwner((client) =>
      client.query<{ all: string }>(`SELECT concat(
        (SELECT json_agg(a) FROM webhook_attempts a), (SELECT json_agg(d) FROM webhook_deliveries d), (SELECT json_agg(s) FROM webhook_secrets s)) AS all`),
    );
    for (const hidden of ["canary-cookie", "canary-header", secret]) expect(rows[0]?.all).not.toContain(hidden);
  });
});

describe("the way out", () => {
  it("leads nowhere private", async () => {
    const guarded = createEgress();
    const strict = test.make({ fetch: guarded.fetch });
    const { id } = await strict.create(test.owner, {
      workspaceId: test.workspaceId,
      url: test.receiver.url,
      events: ["execution.completed"],
    });
    await test.tell();
    await strict.sendDue();
    expect(await only(id)).toMatchObject({ status: "PENDING", responseStatus: null, error: { code: "http_blocked" } });
    expect(test.receiver.received).toEqual([]);
    await strict.close(0);
    await guarded.close();
  });
});

describe("processes", () => {
  it("share what is due without sending anything twice", async () => {
    const { id } = await subscribe();
    for (let index = 0; index < 30; index++) await test.tell();
    const others = [test.make(), test.make()];
    const sent = await Promise.all([test.webhooks, ...others].map((each) => each.sendDue()));
    expect(sent.reduce((sum, count) => sum + count, 0)).toBe(30);
    expect(new Set(test.receiver.received.map(({ headers }) => headers["webhook-id"])).size).toBe(30);
    expect(test.receiver.received).toHaveLength(30);
    const { items } = await test.webhooks.deliveries.list(test.owner, {
      workspaceId: test.workspaceId,
      webhookId: id,
      status: "DELIVERED",
    });
    expect(items).toHaveLength(30);
    await Promise.all(others.map((each) => each.close(0)));
  });

  it("that die leave their deliveries to others after the lease, under the same id", async () => {
    const { id } = await subscribe();
    await test.tell();
    const claim = "SELECT id FROM heddle_claim_webhook_deliveries($1, '30 seconds', $2, 10, 5, '{}')";
    expect((await test.database.db.pools.app.query(claim, [new Date(test.clock.now), uuidv7()])).rowCount).toBe(1);
    expect(await test.webhooks.sendDue()).toBe(0);
    test.clock.now += 30_000;
    expect(await test.webhooks.sendDue()).toBe(1);
    expect(await only(id)).toMatchObject({ status: "DELIVERED", attempts: 1 });
  });

  it("keep a delivery for as long as its receiver takes, however long that is beside their lease", async () => {
    const { id } = await subscribe();
    const leaseMs = 60;
    const slow = test.make({ timeoutMs: 10_000, leaseMs });
    let finish = (): void => undefined;
    test.receiver.behave((response) => (finish = () => void response.writeHead(204).end()));
    await test.tell();
    const sending = slow.sendDue();
    await expect.poll(() => test.receiver.received.length).toBe(1);
    for (let round = 0; round < 3; round++) {
      test.clock.now += leaseMs - 1;
      await expect.poll(async () => Date.parse((await only(id)).nextAttemptAt ?? ""), { interval: 5 }).toBe(test.clock.now + leaseMs);
    }
    expect(await test.webhooks.sendDue()).toBe(0);
    finish();
    await sending;
    expect(await only(id)).toMatchObject({ status: "DELIVERED", attempts: 1, nextAttemptAt: null });
    expect(test.receiver.received).toHaveLength(1);
    await slow.close(0);
  });

  it("that come back from the dead can't overrule those that took over", async () => {
    const { id } = await subscribe();
    const slow = test.make({ timeoutMs: 10_000 });
    let finish = (): void => undefined;
    test.receiver.behave((response) => (finish = () => void response.writeHead(500).end()));
    await test.tell();
    const late = slow.sendDue();
    await expect.poll(() => test.receiver.received.length).toBe(1);
    test.clock.now += 30_000;
    test.receiver.behave(answering(204));
    await test.webhooks.sendDue();
    finish();
    await late;
    expect(await only(id)).toMatchObject({ status: "DELIVERED", attempts: 1, responseStatus: 204, log: [{ number: 1 }] });
    await slow.close(0);
  });

  it("that are told to stop give back what they could not finish, uncounted", async () => {
    const { id } = await subscribe();
    const slow = test.make({ timeoutMs: 10_000 });
    test.receiver.behave(hanging);
    await test.tell();
    const sending = slow.sendDue();
    await expect.poll(() => test.receiver.received.length).toBe(1);
    await slow.close(10);
    await sending;
    expect(await only(id)).toMatchObject({ status: "PENDING", attempts: 0, log: [] });
    test.receiver.behave(answering(204));
    expect(await test.webhooks.sendDue()).toBe(1);
  });

  it("are not held up by an endpoint that hangs", async () => {
    const other = await startWebhookReceiver();
    test.receiver.behave(hanging);
    await subscribe(test.receiver.url, { events: ["execution.failed"] });
    await subscribe(other.url, { events: ["execution.completed"] });
    for (let index = 0; index < 20; index++) await test.tell(test.newsOf({ event: "execution.failed" }));
    const patient = test.make({ timeoutMs: 20_000, concurrency: 10 });
    patient.start();
    await expect.poll(() => test.receiver.received.length).toBeGreaterThanOrEqual(5);
    for (let index = 0; index < 20; index++) await test.tell();
    await expect.poll(() => other.received.length, { timeout: 10_000 }).toBe(20);
    await patient.close(0);
    await other.close();
  });
});

it("is not put off by being woken again and again", async () => {
  await subscribe();
  const { database, egress } = test;
  const vault = createVault({ db: database.db, current: { id: "test", key: new Uint8Array(32).fill(1) } });
  const sender = new WebhookSender({
    db: database.db,
    vault,
    fetch: egress.fetch,
    pollEveryMs: 60_000,
    onFault: (fault) => test.faults.push(fault),
  });
  sender.start();
  await sender.sendDue();
  await test.tell();
  const waking = setInterval(() => sender.wake(), 1);
  await expect.poll(() => test.receiver.received.length, { timeout: 5_000 }).toBe(1);
  clearInterval(waking);
  await sender.close(5_000);
});

it("forgets deliveries a month after they were made, and none that is still pending", async () => {
  const { id } = await subscribe();
  await test.tell();
  await test.webhooks.sendDue();
  await test.tell();
  expect(await sweepDeliveries(test.database.db, Date.now() + 29 * DAY)).toBe(0);
  expect(await sweepDeliveries(test.database.db, Date.now() + 31 * DAY)).toBe(1);
  expect((await test.webhooks.deliveries.list(test.owner, { workspaceId: test.workspaceId, webhookId: id })).items).toMatchObject([
    { status: "PENDING" },
  ]);
});
