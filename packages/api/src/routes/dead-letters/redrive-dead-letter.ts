import { z } from "zod";
import { defineRoute } from "../../http/route.ts";
import { letterParams } from "./letter-params.ts";

export const redriveDeadLetter = defineRoute({
  id: "deadLetters.redrive",
  method: "POST",
  path: "/api/workspaces/:id/dead-letters/:letterId/redrive",
  summary: "Try a run again that failed for good",
  description: "From its start and with its input, by the version that is published now. Asking twice leads to one run.",
  auth: "session-or-key",
  permission: "execute",
  params: letterParams,
  success: { status: 202, schema: z.object({ executionId: z.uuid() }) },
  handle: ({ platform, params }, actor) => platform.deadLetters.redrive(actor, { workspaceId: params.id, id: params.letterId }),
});
