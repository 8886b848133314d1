export { createApi, isApiRequest, refuseDisguisedPath, type Api, type ApiOptions } from "./app.ts";
export type { ApiContext, ApiLogger, ApiSettings } from "./context.ts";
export { connectEvents, EVENTS_PATH } from "./events/connect-events.ts";
export type { EventSession } from "./events/event-session.ts";
export { refusalHeaders } from "./http/count-request.ts";
export { isDisguisedApiPath } from "./http/path.ts";
export { toProblemDocument } from "./http/problem.ts";
export type { AppRouter } from "./trpc/router.ts";
export { createExecuteLane, type Lane } from "./execute-lane.ts";
