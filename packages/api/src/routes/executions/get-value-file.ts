import { z } from "zod";
import { idParams } from "../../http/params.ts";
import { defineRoute } from "../../http/route.ts";

export const getValueFile = defineRoute({
  id: "executions.file",
  method: "GET",
  path: "/api/executions/:id/files/:fileId",
  summary: "A large value of an execution, as a file of JSON",
  description: "For values over 256 KiB, which executions in lists and the steps of traces name by `outputFile`.",
  auth: "session-or-key",
  permission: "read",
  params: idParams.extend({ fileId: z.string().regex(/^[0-9a-f]{64}$/) }),
  success: { status: 200, description: "application/json" },
  handle: async ({ platform, params }, actor) => {
    const bytes = await platform.executions.valueFile(actor, params.id, params.fileId);
    // What agents produced is nobody's page: it is saved, never shown, and could do nothing if it were.
    return new Response(bytes as Uint8Array<ArrayBuffer>, {
      headers: {
        "content-type": "application/json",
        "content-disposition": `attachment; filename="${params.fileId.slice(0, 12)}.json"`,
        "content-security-policy": "default-src 'none'; sandbox",
        "x-content-type-options": "nosniff",
        // The name is the content's own.
        "cache-control": "private, max-age=3600, immutable",
      },
    });
  },
});
