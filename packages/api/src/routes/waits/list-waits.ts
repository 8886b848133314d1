import { waitResource } from "@heddle/schema";
import { z } from "zod";
import { idParams } from "../../http/params.ts";
import { defineRoute } from "../../http/route.ts";

export const listWaits = defineRoute({
  id: "executions.waits",
  method: "GET",
  path: "/api/executions/:id/waits",
  summary: "What an execution waits for",
  description: "For a wait for a request, with the one-time address that it is waited for at.",
  auth: "session-or-key",
  permission: "read",
  params: idParams,
  rate: "run",
  success: { status: 200, schema: z.object({ items: z.array(waitResource) }) },
  handle: ({ platform, params }, actor) => platform.waits.ofExecution(actor, params.id),
});
