import { z } from "zod";
import { idParams } from "../../http/params.ts";
import { definePublicRoute } from "../../http/route.ts";
import { receive } from "./receive-webhook.ts";

export const receiveWebhookGet = definePublicRoute({
  id: "hooks.receiveGet",
  method: "GET",
  path: "/api/hooks/:id",
  summary: "The same for services that send with GET",
  params: idParams,
  rate: "run",
  success: { status: 202, schema: z.object({ executionId: z.string() }) },
  handle: (call) => receive(call, call.params.id),
});
