import { idParams } from "../../http/params.ts";
import { defineRoute } from "../../http/route.ts";

export const deleteDataset = defineRoute({
  id: "datasets.delete",
  method: "DELETE",
  path: "/api/datasets/:id",
  summary: "Delete a data set with what was learnt from it",
  auth: "session-or-key",
  permission: "write",
  params: idParams,
  success: { status: 204 },
  handle: ({ platform, params }, actor) => platform.datasets.delete(actor, params.id),
});
