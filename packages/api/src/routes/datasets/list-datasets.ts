import { datasetResource, page, pageQuery } from "@heddle/schema";
import { idParams } from "../../http/params.ts";
import { defineRoute } from "../../http/route.ts";

export const listDatasets = defineRoute({
  id: "datasets.list",
  method: "GET",
  path: "/api/workspaces/:id/datasets",
  summary: "Data sets of a workspace, newest first",
  auth: "session-or-key",
  permission: "read",
  params: idParams,
  query: pageQuery,
  success: { status: 200, schema: page(datasetResource) },
  handle: ({ platform, params, query }, actor) => platform.datasets.list(actor, { workspaceId: params.id, ...query }),
});
