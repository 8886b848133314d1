import { z } from "zod";
import { definePublicRoute } from "../../http/route.ts";

/** Says that the process is alive, whatever else is down. */
export const health = definePublicRoute({
  id: "system.health",
  method: "GET",
  path: "/api/health",
  summary: "Whether the process is alive",
  rate: "none",
  success: { status: 200, schema: z.object({ status: z.literal("ok"), version: z.string() }) },
  handle: async ({ settings }) => ({ status: "ok", version: settings.version }),
});
