import type { WebhookResource } from "@heddle/schema";
import { answering, hanging } from "@heddle/testing/servers/webhook-receiver";
import { createTestWebhooks, type TestWebhooks } from "@heddle/testing/test-webhooks";
import { Webhook } from "standardwebhooks";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

const HOUR = 3_600_000;

let test: TestWebhooks;
beforeAll(async () => {
  test = await createTestWebhooks();
});
beforeEach(() => test.renew());
afterEach(() => expect(test.faults).toEqual([]));
afterAll(() => test.close());

const create = (rest: object = {}): Promise<WebhookResource & { secret: string }> =>
  test.webhooks.create(test.owner, { workspaceId: test.workspaceId, url: test.receiver.url, events: ["execution.completed"], ...rest });
const named = (id: string) => ({ workspaceId: test.workspaceId, id });
const deliveriesOf = async (webhookId: string) =>
  (await test.webhooks.deliveries.list(test.owner, { workspaceId: test.workspaceId, webhookId })).items;
/** Whether the last message carries the library's signature under this secret, whatever the time. */
const verifies = (secret: string) => {
  const { headers = {}, body = "" } = test.receiver.received.at(-1) ?? {};
  const sentAt = new Date(Number(headers["webhook-timestamp"]) * 1_000);
  const signature = new Webhook(secret).sign(headers["webhook-id"] ?? "", sentAt, body);
  return (headers["webhook-signature"] ?? "").split(" ").includes(signature);
};
/** Three dead letters, an hour apart. */
const makeDeadLetters = async (id: string): Promise<number> => {
  const began = test.clock.now;
  for (let index = 0; index < 3; index++) {
    await test.tell();
    test.clock.now += HOUR;
  }
  await test.webhooks.update(test.owner, { ...named(id), isEnabled: false });
  await test.webhooks.update(test.owner, { ...named(id), isEnabled: true });
  return began;
};

describe("an endpoint", () => {
  it("is made, changed, switched off and deleted", async () => {
    const { id, secret: _secret, ...made } = await create({ description: "Help desk" });
    expect(made).toMatchObject({
      url: test.receiver.url,
      description: "Help desk",
      events: ["execution.completed"],
      agentIds: [],
      isEnabled: true,
    });
    const changed = await test.webhooks.update(test.owner, {
      ...named(id),
      events: ["execution.failed", "execution.failed"],
      isEnabled: false,
    });
    expect(changed).toMatchObject({ events: ["execution.failed"], isEnabled: false, disabledReason: "person", description: "Help desk" });
    expect(await test.webhooks.byId(test.owner, named(id))).toEqual(changed);
    await test.webhooks.delete(test.owner, named(id));
    await expect(test.webhooks.byId(test.owner, named(id))).rejects.toMatchObject({ code: "not_found" });
  });

  it.each(["example.com/hook", "file:///etc/passwd", "https://user:pw@example.com", "http://2130706433/", "javascript:alert(1)"])(
    "is not %s",
    async (url) => {
      await expect(create({ url })).rejects.toMatchObject({ code: "invalid_request", details: { field: "url" } });
    },
  );

  it("says which events the outbox must keep for the workspace", async () => {
    const wanted = async () => {
      const { rows } = await test.database.asOwner((client) =>
        client.query<{ events: string[] }>("SELECT events FROM execution_subscribers WHERE workspace_id = $1", [test.workspaceId]),
      );
      return rows[0]?.events;
    };
    const first = await create();
    const second = await create({ events: ["execution.failed", "execution.completed"] });
    expect(await wanted()).toEqual(["execution.completed", "execution.failed"]);
    await test.webhooks.update(test.owner, { ...named(second.id), isEnabled: false });
    expect(await wanted()).toEqual(["execution.completed"]);
    await test.webhooks.delete(test.owner, named(first.id));
    expect(await wanted()).toBeUndefined();
  });

  it("shows members where it leads without the keys in its query, and nobody outside anything", async () => {
    const { id } = await create({ url: "https://hooks.example.com/in?key=canary&team=7" });
    const key = { kind: "apiKey", apiKeyId: "k", workspaceId: test.workspaceId, name: "k", scopes: ["read"] } as const;
    expect((await test.webhooks.byId(key, named(id))).url).toBe("https://hooks.example.com/in?key=…&team=…");
    expect((await test.webhooks.byId(test.owner, named(id))).url).toContain("canary");
    const stranger = { ...test.owner, userId: (await test.database.createUser()).userId };
    await expect(test.webhooks.byId(stranger, named(id))).rejects.toMatchObject({ code: "not_found" });
  });
});

describe("a secret", () => {
  it("signs until a day after its successor was made", async () => {
    const { id, secret: first } = await create();
    const { secret: second, previous } = await test.webhooks.rotateSecret(test.owner, named(id));
    expect(second).not.toBe(first);
    expect(Date.parse(previous[0]?.expiresAt ?? "") - test.clock.now).toBe(24 * HOUR);
    const send = async () => {
      await test.tell();
      await test.webhooks.sendDue();
      return [verifies(first), verifies(second)];
    };
    test.clock.now += 24 * HOUR - 1;
    expect(await send()).toEqual([true, true]);
    test.clock.now += 1;
    expect(await send()).toEqual([false, true]);
  });

  it("signs no more at once where it has leaked", async () => {
    const { id, secret: first } = await create();
    const { secret: second, previous } = await test.webhooks.rotateSecret(test.owner, { ...named(id), endsPrevious: true });
    expect(previous).toEqual([]);
    await test.tell();
    await test.webhooks.sendDue();
    expect([verifies(first), verifies(second)]).toEqual([false, true]);
  });

  it("is shown to administrators, who are written down for it, and to nobody else", async () => {
    const { id, secret } = await create();
    expect(await test.webhooks.secret(test.owner, named(id))).toMatchObject({ secret, previous: [] });
    const log = await test.audit.list(test.owner, { workspaceId: test.workspaceId });
    expect(log.items.map(({ action }) => action)).toContain("webhook.secret_shown");
    expect(JSON.stringify(log)).not.toContain(secret);
    const member = await test.database.createUser();
    await test.database.asOwner((client) =>
      client.query("INSERT INTO workspace_members (id, workspace_id, user_id, role) VALUES (gen_random_uuid(), $1, $2, 'MEMBER')", [
        test.workspaceId,
        member.userId,
      ]),
    );
    await expect(test.webhooks.secret({ ...test.owner, userId: member.userId }, named(id))).rejects.toMatchObject({ code: "forbidden" });
  });
});

describe("a test", () => {
  it("is sent at once, also while the endpoint is off, and says what came back", async () => {
    const { id, secret } = await create({ isEnabled: false });
    test.receiver.behave(answering(200, { "content-type": "text/plain" }, "Got it"));
    const result = await test.webhooks.deliveries.test(test.owner, { workspaceId: test.workspaceId, webhookId: id });
    expect(result).toMatchObject({
      status: "DELIVERED",
      isTest: true,
      event: "webhook.test",
      log: [{ responseStatus: 200, responseBody: "Got it" }],
    });
    expect(verifies(secret)).toBe(true);
  });

  it("that fails is not tried again, and says nothing about the endpoint", async () => {
    const { id } = await create();
    for (const behaviour of [answering(410), hanging]) {
      test.receiver.behave(behaviour);
      const result = await test.webhooks.deliveries.test(test.owner, { workspaceId: test.workspaceId, webhookId: id });
      expect(result).toMatchObject({ status: "FAILED", nextAttemptAt: null, attempts: 1 });
    }
    expect(await test.webhooks.sendDue()).toBe(0);
    expect(await test.webhooks.byId(test.owner, named(id))).toMatchObject({ isEnabled: true, failingSince: null });
  });
});

describe("dead letters", () => {
  it("are sent anew once, however often it is asked, under the same id", async () => {
    const { id } = await create();
    await makeDeadLetters(id);
    const [newest] = await deliveriesOf(id);
    const again = () =>
      test.webhooks.deliveries.redrive(test.owner, { workspaceId: test.workspaceId, webhookId: id, id: newest?.id ?? "" });
    expect(await again()).toMatchObject({ status: "PENDING" });
    expect(await again()).toMatchObject({ status: "PENDING" });
    expect(await test.webhooks.sendDue()).toBe(1);
    expect(await again()).toMatchObject({ status: "DELIVERED" });
    expect(await test.webhooks.sendDue()).toBe(0);
    expect(test.receiver.received.map(({ headers }) => headers["webhook-id"])).toEqual([newest?.messageId]);
  });

  it("are sent anew all together, from a time on", async () => {
    const { id } = await create();
    const began = await makeDeadLetters(id);
    const since = new Date(began + HOUR);
    const again = () => test.webhooks.deliveries.redriveSince(test.owner, { workspaceId: test.workspaceId, webhookId: id, since });
    expect([await again(), await again()]).toEqual([2, 0]);
    expect(await test.webhooks.sendDue()).toBe(2);
    // Neither what has arrived nor a test that failed.
    test.receiver.behave(answering(500));
    const trial = await test.webhooks.deliveries.test(test.owner, { workspaceId: test.workspaceId, webhookId: id });
    expect(await again()).toBe(0);
    expect((await deliveriesOf(id)).filter((delivery) => delivery.id !== trial.id).map(({ status }) => status)).toEqual([
      "DELIVERED",
      "DELIVERED",
      "DEAD_LETTERED",
    ]);
  });

  it("have ten attempts again", async () => {
    const { id } = await create();
    test.receiver.behave(answering(500));
    await test.tell();
    const exhaust = async () => {
      for (;;) {
        await test.webhooks.sendDue();
        const [delivery] = await deliveriesOf(id);
        if (delivery?.nextAttemptAt == null) return delivery;
        test.clock.now = Date.parse(delivery.nextAttemptAt);
      }
    };
    const dead = await exhaust();
    expect(dead).toMatchObject({ status: "DEAD_LETTERED", attempts: 10 });
    await test.webhooks.deliveries.redrive(test.owner, { workspaceId: test.workspaceId, webhookId: id, id: dead?.id ?? "" });
    expect(await exhaust()).toMatchObject({ status: "DEAD_LETTERED", attempts: 20 });
  });

  it("are not sent to an endpoint that is off, and tests never are", async () => {
    const { id } = await create();
    await makeDeadLetters(id);
    const trial = await test.webhooks.deliveries.test(test.owner, { workspaceId: test.workspaceId, webhookId: id });
    await test.webhooks.update(test.owner, { ...named(id), isEnabled: false });
    const webhook = { workspaceId: test.workspaceId, webhookId: id };
    const [, newest] = await deliveriesOf(id);
    for (const delivery of [trial, newest])
      await expect(test.webhooks.deliveries.redrive(test.owner, { ...webhook, id: delivery?.id ?? "" })).rejects.toMatchObject({
        code: "unprocessable",
      });
    await expect(test.webhooks.deliveries.redriveSince(test.owner, { ...webhook, since: new Date(0) })).rejects.toMatchObject({
      code: "unprocessable",
    });
  });
});

it("sends a pending message at once when asked", async () => {
  const { id } = await create();
  test.receiver.behave(answering(500));
  await test.tell();
  await test.webhooks.sendDue();
  test.receiver.behave(answering(204));
  expect(await test.webhooks.sendDue()).toBe(0);
  const [pending] = await deliveriesOf(id);
  await test.webhooks.deliveries.redrive(test.owner, { workspaceId: test.workspaceId, webhookId: id, id: pending?.id ?? "" });
  expect(await test.webhooks.sendDue()).toBe(1);
  expect((await deliveriesOf(id))[0]).toMatchObject({ status: "DELIVERED", attempts: 2 });
});
