import { datasetRow, page, pageQuery } from "@heddle/schema";
import { idParams } from "../../http/params.ts";
import { defineRoute } from "../../http/route.ts";

export const listRows = defineRoute({
  id: "datasets.rows",
  method: "GET",
  path: "/api/datasets/:id/rows",
  summary: "Examples of a data set, in the file's order",
  auth: "session-or-key",
  permission: "read",
  params: idParams,
  query: pageQuery,
  success: { status: 200, schema: page(datasetRow) },
  handle: ({ platform, params, query }, actor) => platform.datasets.rows(actor, { id: params.id, ...query }),
});
