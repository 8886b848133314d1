import { router } from "./base.ts";

/** Everything that the pages call. */
export const appRouter = router({});
export type AppRouter = typeof appRouter;
