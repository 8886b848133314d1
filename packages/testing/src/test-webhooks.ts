import { randomUUID } from "node:crypto";
import { uuidv7 } from "@heddle/db";
import { createEgress, type Egress } from "@heddle/egress";
import { createAccess, type Access } from "@heddle/platform/access/access";
import type { UserActor } from "@heddle/platform/access/actor";
import { createAuditLog, type AuditLog } from "@heddle/platform/audit/audit-log";
import { createVault } from "@heddle/platform/credentials/vault";
import type { ExecutionNews } from "@heddle/platform/webhooks/enqueue-event";
import { createWebhooks, type Webhooks, type WebhooksOptions } from "@heddle/platform/webhooks/webhooks";
import { createTestDatabase, type TestDatabase } from "./database.ts";
import { startWebhookReceiver, type WebhookReceiver } from "./servers/webhook-receiver.ts";

export interface TestWebhooks {
  database: TestDatabase;
  access: Access;
  audit: AuditLog;
  egress: Egress;
  /** What time the webhooks take it to be, ms. */
  clock: { now: number };
  webhooks: Webhooks;
  /** Another process on the same database. */
  make(overrides?: Partial<WebhooksOptions>): Webhooks;
  receiver: WebhookReceiver;
  owner: UserActor;
  workspaceId: string;
  faults: unknown[];
  newsOf(overrides?: Partial<ExecutionNews>): ExecutionNews;
  /** Hands news on as the outbox does. */
  tell(news?: ExecutionNews): Promise<void>;
  /** A fresh workspace and receiver; what the ones before left behind is gone. */
  renew(): Promise<void>;
  close(): Promise<void>;
}

/** Webhooks over a real database and a real receiver, under a clock that stands still until it is set. */
export async function createTestWebhooks(): Promise<TestWebhooks> {
  const database = await createTestDatabase();
  const { db } = database;
  const egress = createEgress({ allowLoopback: true });
  const access = createAccess(db);
  const audit = createAuditLog({ db, access, key: new Uint8Array(32) });
  const clock = { now: Date.now() };
  const faults: unknown[] = [];
  const make: TestWebhooks["make"] = (overrides = {}) =>
    createWebhooks({
      db,
      access,
      audit,
      vault: createVault({ db, current: { id: "test", key: new Uint8Array(32).fill(1) } }),
      fetch: egress.fetch,
      now: () => new Date(clock.now),
      random: () => 0.5,
      timeoutMs: 3_000,
      onFault: (fault) => faults.push(fault),
      ...overrides,
    });
  const person = async (): Promise<Pick<TestWebhooks, "owner" | "workspaceId">> => {
    const { userId, email, workspaceId } = await database.createUser();
    return { owner: { kind: "user", userId, sessionId: randomUUID(), email, name: null }, workspaceId };
  };
  const test: TestWebhooks = {
    database, access, audit, egress, clock, faults, make,
    webhooks: make(),
    receiver: await startWebhookReceiver(),
    ...(await person()),
    newsOf: (overrides = {}) => ({
      event: "execution.completed", at: new Date(clock.now), id: uuidv7(), workspaceId: test.workspaceId, agentId: uuidv7(),
      deploymentId: uuidv7(), version: 3, trigger: "api", output: { answer: "Hello" }, error: null, tokensUsed: 7, costUsd: 0.01,
      latency: 120, startedAt: new Date(clock.now - 120), ...overrides,
    }),
    tell: (news = test.newsOf()) => db.withWorkspace(news.workspaceId, (client) => test.webhooks.consumer.consume(client, news)),
    renew: async () => {
      await test.webhooks.close(0);
      await test.receiver.close();
      await database.asOwner((client) => client.query("DELETE FROM webhook_endpoints"));
      clock.now = Date.now();
      faults.length = 0;
      Object.assign(test, await person(), { webhooks: make(), receiver: await startWebhookReceiver() });
    },
    close: async () => {
      await test.webhooks.close(0);
      await test.receiver.close();
      access.close();
      await egress.close();
      await database.close();
    },
  }; // prettier-ignore
  return test;
}
