import { deploymentResource } from "@heddle/schema";
import { z } from "zod";
import { idParams } from "../../http/params.ts";
import { defineRoute } from "../../http/route.ts";

export const rollbackAgent = defineRoute({
  id: "agents.rollback",
  method: "POST",
  path: "/api/agents/:id/rollback",
  summary: "Let an agent's deployment answer with an earlier version",
  auth: "session-or-key",
  permission: "deploy",
  params: idParams,
  body: z.object({ version: z.number().int().min(1) }).strict(),
  success: { status: 200, schema: deploymentResource },
  handle: ({ platform, params, body }, actor) => platform.deployments.rollback(actor, params.id, body.version),
});
