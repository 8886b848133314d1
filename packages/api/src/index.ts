export { createApi, isApiRequest, refuseDisguisedPath, type Api, type ApiOptions } from "./app.ts";
export type { ApiContext, ApiLogger, ApiSettings } from "./context.ts";
export { isDisguisedApiPath } from "./http/path.ts";
export type { AppRouter } from "./trpc/router.ts";
