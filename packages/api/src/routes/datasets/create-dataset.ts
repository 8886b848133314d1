import { datasetResource, HeddleError } from "@heddle/schema";
import { idParams, resourceName } from "../../http/params.ts";
import { invalidRequest } from "../../http/problem.ts";
import { defineRoute } from "../../http/route.ts";

export const createDataset = defineRoute({
  id: "datasets.create",
  method: "POST",
  path: "/api/workspaces/:id/datasets",
  summary: "Upload a CSV file of examples",
  description:
    "A column of texts and a column of labels. Rows that can't be used are left out and listed in `rejected`. Training starts at once, in the background; `training` tells how far it is.",
  auth: "session-or-key",
  permission: "write",
  params: idParams,
  body: "upload",
  upload: { fields: { name: "What to call it; the file's name when absent" }, file: "A CSV file, 25 MiB at most" },
  success: { status: 201, schema: datasetResource },
  handle: async ({ platform, params, body }, actor) => {
    const [file, ...others] = body.files;
    if (!file || others.length > 0) throw new HeddleError("invalid_request", "Send one CSV file, in the field file.");
    const name = resourceName.safeParse(body.fields["name"] ?? file.name.replace(/\.[a-z]+$/i, ""));
    if (!name.success) throw invalidRequest(name.error, "name");
    return await platform.datasets.create(actor, params.id, { name: name.data, bytes: file.bytes });
  },
});
