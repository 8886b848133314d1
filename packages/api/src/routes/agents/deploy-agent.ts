import { deploymentResource } from "@heddle/schema";
import { idParams } from "../../http/params.ts";
import { defineRoute } from "../../http/route.ts";

export const deployAgent = defineRoute({
  id: "agents.deploy",
  method: "POST",
  path: "/api/agents/:id/deploy",
  summary: "Publish an agent's draft",
  description:
    "Makes a new immutable version of the draft, and lets the agent's deployment answer with it. The address stays the same from one version to the next.",
  auth: "session-or-key",
  permission: "deploy",
  params: idParams,
  success: { status: 201, schema: deploymentResource },
  handle: ({ platform, params }, actor) => platform.deployments.deploy(actor, params.id),
});
