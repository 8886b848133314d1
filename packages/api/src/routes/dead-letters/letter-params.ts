import { z } from "zod";

/** A dead letter of a workspace, by the id of its execution. */
export const letterParams = z.object({ id: z.uuid(), letterId: z.uuid() });
