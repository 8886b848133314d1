import { z } from "zod";

/** One thing wrong with an agent document, placed where it can be mended. */
export const problem = z.object({
  /** Stable, for programs: `unknown_node_type`, `missing_param`, `unknown_reference` … */
  code: z.string(),
  severity: z.enum(["error", "warning"]),
  /** A sentence for people, with what to do about it. */
  message: z.string(),
  nodeId: z.string().optional(),
  edgeId: z.string().optional(),
  /** Path inside the node, for example `params.branches.0.when`; or inside the document when there is no node. */
  field: z.string().optional(),
});
export type Problem = z.infer<typeof problem>;
