import { defineRoute } from "../../http/route.ts";
import { letterParams } from "./letter-params.ts";

export const discardDeadLetter = defineRoute({
  id: "deadLetters.discard",
  method: "DELETE",
  path: "/api/workspaces/:id/dead-letters/:letterId",
  summary: "Throw a dead letter away",
  description: "The execution and its trace stay.",
  auth: "session-or-key",
  permission: "write",
  params: letterParams,
  success: { status: 204 },
  handle: ({ platform, params }, actor) => platform.deadLetters.discard(actor, { workspaceId: params.id, id: params.letterId }),
});
