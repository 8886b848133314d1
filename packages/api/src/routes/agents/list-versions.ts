import { page, pageQuery } from "@heddle/schema";
import { z } from "zod";
import { idParams } from "../../http/params.ts";
import { defineRoute } from "../../http/route.ts";

export const listVersions = defineRoute({
  id: "agents.versions",
  method: "GET",
  path: "/api/agents/:id/versions",
  summary: "Published versions of an agent, newest first",
  auth: "session-or-key",
  permission: "read",
  params: idParams,
  query: pageQuery,
  success: {
    status: 200,
    schema: page(z.object({ number: z.number().int(), configHash: z.string(), createdAt: z.iso.datetime(), isLive: z.boolean() })),
  },
  handle: ({ platform, params, query }, actor) => platform.deployments.versions(actor, { agentId: params.id, ...query }),
});
