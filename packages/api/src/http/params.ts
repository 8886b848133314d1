import { z } from "zod";

/** An id in a path. What is no id names nothing, so it answers 404. */
export const idParams = z.object({ id: z.uuid() });
/** Query of a list that only pages. */
export { pageQuery } from "@heddle/schema";
