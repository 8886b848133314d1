import { z } from "zod";

/** A workspace's webhook. */
export const webhookParams = z.object({ id: z.uuid(), webhookId: z.uuid() });
/** One of its deliveries. */
export const deliveryParams = webhookParams.extend({ deliveryId: z.uuid() });
