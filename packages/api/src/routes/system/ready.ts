import { z } from "zod";
import { definePublicRoute } from "../../http/route.ts";

/** Says whether requests can be served: the database answers and the process is not shutting down. */
export const ready = definePublicRoute({
  id: "system.ready",
  method: "GET",
  path: "/api/ready",
  summary: "Whether requests can be served",
  rate: "none",
  success: { status: 200, schema: z.object({ status: z.literal("ready") }) },
  handle: async ({ platform }) => {
    await platform.checkReady();
    return { status: "ready" };
  },
});
