import { z } from "zod";
import { definePublicRoute } from "../../http/route.ts";

/** The description of this API. Loaded when asked for, because it reads the list that this route is on. */
export const openapi = definePublicRoute({
  id: "system.openapi",
  method: "GET",
  path: "/api/openapi.json",
  summary: "This API as an OpenAPI 3.1 document",
  success: { status: 200, schema: z.record(z.string(), z.unknown()) },
  handle: async ({ settings }) => {
    const { openApiDocument } = await import("../../openapi.ts");
    return openApiDocument(settings);
  },
});
