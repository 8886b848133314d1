import { waitDecision } from "@heddle/schema";
import { idParams } from "../../http/params.ts";
import { defineRoute } from "../../http/route.ts";

export const decideApproval = defineRoute({
  id: "approvals.decide",
  method: "POST",
  path: "/api/executions/:id/decision",
  summary: "Approve or reject what an execution waits for",
  description: "The first decision counts; after it, or after the deadline, the answer is 409.",
  auth: "session-or-key",
  permission: "execute",
  params: idParams,
  body: waitDecision,
  rate: "run",
  success: { status: 204 },
  handle: ({ platform, params, body }, actor) => platform.waits.decide(actor, params.id, body),
});
