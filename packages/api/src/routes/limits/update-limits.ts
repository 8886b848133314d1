import { limitsResource, limitsUpdate } from "@heddle/schema";
import { idParams } from "../../http/params.ts";
import { defineRoute } from "../../http/route.ts";

export const updateLimits = defineRoute({
  id: "limits.update",
  method: "PUT",
  path: "/api/workspaces/:id/limits",
  summary: "Choose what a workspace and its runs may use",
  description:
    "What is absent stays as it is; null leaves it to the plan. `run` limits each run, below what its document says; `month` limits all runs of a calendar month in UTC, after which new ones answer 402 `quota_exceeded`.",
  auth: "session",
  permission: "settings.manage",
  params: idParams,
  body: limitsUpdate,
  success: { status: 200, schema: limitsResource },
  handle: ({ platform, params, body }, actor) => platform.limits.update(actor, params.id, body),
});
