import { datasetResource } from "@heddle/schema";
import { idParams } from "../../http/params.ts";
import { defineRoute } from "../../http/route.ts";

export const getDataset = defineRoute({
  id: "datasets.get",
  method: "GET",
  path: "/api/datasets/:id",
  summary: "One data set, with the state of its training",
  auth: "session-or-key",
  permission: "read",
  params: idParams,
  success: { status: 200, schema: datasetResource },
  handle: ({ platform, params }, actor) => platform.datasets.byId(actor, params.id),
});
