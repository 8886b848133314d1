import { datasetResource } from "@heddle/schema";
import { idParams, renameBody } from "../../http/params.ts";
import { defineRoute } from "../../http/route.ts";

export const renameDataset = defineRoute({
  id: "datasets.rename",
  method: "PUT",
  path: "/api/datasets/:id",
  summary: "Rename a data set",
  auth: "session-or-key",
  permission: "write",
  params: idParams,
  body: renameBody,
  success: { status: 200, schema: datasetResource },
  handle: ({ platform, params, body }, actor) => platform.datasets.rename(actor, params.id, body.name),
});
