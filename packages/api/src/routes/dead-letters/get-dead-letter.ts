import { deadLetter } from "@heddle/schema";
import { defineRoute } from "../../http/route.ts";
import { letterParams } from "./letter-params.ts";

export const getDeadLetter = defineRoute({
  id: "deadLetters.get",
  method: "GET",
  path: "/api/workspaces/:id/dead-letters/:letterId",
  summary: "One run that failed for good, with its input and its error",
  auth: "session-or-key",
  permission: "read",
  params: letterParams,
  success: { status: 200, schema: deadLetter },
  handle: ({ platform, params }, actor) => platform.deadLetters.byId(actor, { workspaceId: params.id, id: params.letterId }),
});
