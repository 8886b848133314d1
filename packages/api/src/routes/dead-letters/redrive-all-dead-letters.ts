import { deadLettersRedriven } from "@heddle/schema";
import { z } from "zod";
import { idParams } from "../../http/params.ts";
import { defineRoute } from "../../http/route.ts";

export const redriveAllDeadLetters = defineRoute({
  id: "deadLetters.redriveAll",
  method: "POST",
  path: "/api/workspaces/:id/dead-letters/redrive",
  summary: "Try all runs again that failed for good, oldest first",
  description: "500 a call; `remaining` says how many are left for another one, which goes on from `nextCursor`.",
  auth: "session-or-key",
  permission: "execute",
  params: idParams,
  body: z.object({ agentId: z.uuid().optional(), cursor: z.string().optional() }).default({}),
  success: { status: 202, schema: deadLettersRedriven },
  handle: ({ platform, params, body }, actor) => platform.deadLetters.redriveAll(actor, { workspaceId: params.id, ...body }),
});
