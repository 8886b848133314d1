import { z } from "zod";

/** An id in a path. What is no id names nothing, so it answers 404. */
export const idParams = z.object({ id: z.uuid() });

/** What people call a thing of theirs. */
export const resourceName = z.string().trim().min(1).max(120);
/** A change of the name alone. */
export const renameBody = z.object({ name: resourceName }).strict();
