import { datasetResource } from "@heddle/schema";
import { idParams } from "../../http/params.ts";
import { defineRoute } from "../../http/route.ts";

export const retrainDataset = defineRoute({
  id: "datasets.retrain",
  method: "POST",
  path: "/api/datasets/:id/retrain",
  summary: "Learn a data set once more",
  auth: "session-or-key",
  permission: "write",
  params: idParams,
  success: { status: 202, schema: datasetResource },
  handle: ({ platform, params }, actor) => platform.datasets.retrain(actor, params.id),
});
