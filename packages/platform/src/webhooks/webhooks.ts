import type { PoolClient } from "pg";
import { enqueueNews, type ExecutionNews } from "./enqueue-event.ts";
import { WEBHOOK_CONSUMER } from "./update-subscription.ts";
import { createWebhookDeliveries, type WebhookDeliveries, type WebhookDeliveriesOptions } from "./webhook-deliveries.ts";
import { createWebhookEndpoints, type WebhookEndpoints, type WebhookEndpointsOptions } from "./webhook-endpoints.ts";
import { sweepDeliveries } from "./sweep-deliveries.ts";
import { type SenderOptions, WebhookSender } from "./webhook-sender.ts";

/** Webhooks that Heddle sends. */
export interface Webhooks extends WebhookEndpoints {
  readonly deliveries: WebhookDeliveries;
  /** What the outbox hands news of executions to. */
  readonly consumer: { readonly name: string; consume(client: PoolClient, news: ExecutionNews): Promise<void> };
  /** Begins to send, in processes whose task that is. */
  start(): void;
  /** Sends everything that is due, once each. @returns how many */
  sendDue(): Promise<number>;
  /** Lets what is being sent end within the time given (ms), and gives back the rest. */
  close(drainMs: number): Promise<void>;
}

export type WebhooksOptions = WebhookEndpointsOptions & Omit<WebhookDeliveriesOptions, "sending" | "onDue"> & SenderOptions;

const SWEEP_EVERY_MS = 3_600_000;

export function createWebhooks(options: WebhooksOptions): Webhooks {
  const { db, now, onFault } = options;
  const sender = new WebhookSender(options);
  let sweeping: NodeJS.Timeout | undefined;
  return {
    ...createWebhookEndpoints(options),
    deliveries: createWebhookDeliveries({ ...options, sending: options, onDue: () => sender.wake() }),
    consumer: {
      name: WEBHOOK_CONSUMER,
      consume: async (client, news) => {
        if ((await enqueueNews(client, news, now?.() ?? null)) > 0) sender.wake();
      },
    },
    start: () => {
      sender.start();
      sweeping ??= setInterval(() => void sweepDeliveries(db).catch(onFault), SWEEP_EVERY_MS).unref();
    },
    sendDue: () => sender.sendDue(),
    close: async (drainMs) => {
      clearInterval(sweeping);
      await sender.close(drainMs);
    },
  };
}
