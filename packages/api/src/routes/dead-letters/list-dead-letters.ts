import { deadLetter, deadLetterState, page, pageQuery } from "@heddle/schema";
import { z } from "zod";
import { idParams } from "../../http/params.ts";
import { defineRoute } from "../../http/route.ts";

export const listDeadLetters = defineRoute({
  id: "deadLetters.list",
  method: "GET",
  path: "/api/workspaces/:id/dead-letters",
  summary: "Runs that failed for good, latest first",
  description: "Of runs that nobody waited for: called with `?async=1`, by a webhook or a schedule. Kept for 14 days.",
  auth: "session-or-key",
  permission: "read",
  params: idParams,
  query: pageQuery.extend({ agentId: z.uuid().optional(), state: deadLetterState.optional() }),
  success: { status: 200, schema: page(deadLetter) },
  handle: ({ platform, params, query }, actor) => platform.deadLetters.list(actor, { workspaceId: params.id, ...query }),
});
