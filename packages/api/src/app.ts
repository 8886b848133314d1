import { ALL_ROLES } from "@heddle/platform/process-role";
import { HeddleError } from "@heddle/schema";
import { Hono } from "hono";
import type { z } from "zod";
import type { ApiContext, ApiLogger } from "./context.ts";
import { authenticate, identify } from "./http/authenticate.ts";
import { readJson, readUpload } from "./http/body.ts";
import { clientAddress, type NodeBindings } from "./http/client-address.ts";
import { countRequest, rateHeadersOf, refusalHeaders } from "./http/count-request.ts";
import { checkOrigin } from "./http/origin.ts";
import { isDisguisedApiPath } from "./http/path.ts";
import { invalidRequest, problemResponse, toHeddleError, toProblemDocument } from "./http/problem.ts";
import type { Route } from "./http/route.ts";
import { isServed } from "./http/served-by.ts";
import { routes } from "./routes/index.ts";
import { handleTrpc } from "./trpc/handler.ts";

export interface ApiOptions extends ApiContext {
  logger: ApiLogger;
}

export type Api = Hono<{ Bindings: NodeBindings }>;

/** The whole HTTP API: the REST routes of the registry, tRPC for the pages, and problem documents for what goes wrong. */
export function createApi(options: ApiOptions): Api {
  const app: Api = new Hono();
  const { roles = ALL_ROLES } = options.settings;
  for (const route of routes.filter(({ path }) => isServed(path, roles))) {
    app.on(route.method, route.path, (c) =>
      answer(c.req.raw, options, (request) => callRoute(route, request, c.req.param(), c.env, options)),
    );
  }
  if (roles.has("web")) {
    app.all("/api/trpc/*", (c) =>
      answer(c.req.raw, options, async (request) => {
        await options.platform.landed();
        return await handleTrpc(request, clientAddress(request, c.env, options.settings.isProxyTrusted), options);
      }),
    );
  }
  app.all("/api/*", (c) =>
    answer(c.req.raw, options, (request) =>
      refuseUnknown(request, options, clientAddress(request, c.env, options.settings.isProxyTrusted)),
    ),
  );
  return app;
}

/** True for what {@link createApi} must answer: everything below /api, in whatever disguise. */
export function isApiRequest(path: string): boolean {
  return path === "/api" || path.startsWith("/api/") || isDisguisedApiPath(path);
}

/** Answers a path that looks like the API to lenient servers, but is not written as its routes are. */
export function refuseDisguisedPath(request: Request, bindings: NodeBindings | undefined, options: ApiOptions): Promise<Response> {
  return answer(request, options, async (received) => {
    const actor = await identify(received, options);
    const address = clientAddress(received, bindings, options.settings.isProxyTrusted);
    await countRequest(received, options, { actor, address, isRun: false });
    if (!actor) throw new HeddleError("unauthenticated", "Sign in, or send an API key as Authorization: Bearer KEY.");
    throw new HeddleError("not_found", "There is nothing at this address.");
  });
}

async function callRoute(
  route: Route,
  request: Request,
  rawParams: Record<string, string>,
  bindings: NodeBindings,
  options: ApiOptions,
): Promise<Response> {
  const { platform, settings } = options;
  if (route.rate !== "none") await platform.landed();
  // A key in the Authorization header is no ambient authority: no other site can make a browser send it.
  if (!request.headers.has("authorization")) checkOrigin(request, settings);
  const address = clientAddress(request, bindings, settings.isProxyTrusted);
  const actor = await authenticate(request, options, route, address);
  const params = parseParams(route, rawParams);
  const query = route.query && parse(route.query, Object.fromEntries(new URL(request.url).searchParams), "query");
  const body = await readBody(route, request);
  // The registry has erased the types that defineRoute checked.
  const handled = route.handle({ platform, settings, params, query, body, request, clientAddress: address } as never, actor);
  const result = await (route.auth === "public" && route.rate === "run" ? countRefusals(handled, request, address, options) : handled);
  if (result instanceof Response) return result;
  if (route.success.status === 204) return new Response(null, { status: 204 });
  return new Response(JSON.stringify(result), { status: route.success.status, headers: { "content-type": "application/json" } });
}

/** What a stranger sends to no purpose counts: hooks that don't exist, events that are not signed. */
async function countRefusals(handled: Promise<unknown>, request: Request, address: string, options: ApiOptions): Promise<unknown> {
  try {
    return await handled;
  } catch (error) {
    const { status } = toHeddleError(error);
    if (status === 401 || status === 404) await countRequest(request, options, { actor: undefined, address, isRun: true });
    throw error;
  }
}

function parseParams(route: Route, raw: Record<string, string>): unknown {
  if (!route.params) return undefined;
  const parsed = route.params.safeParse(raw);
  if (!parsed.success) throw new HeddleError("not_found", "There is nothing at this address.");
  return parsed.data;
}

async function readBody(route: Route, request: Request): Promise<unknown> {
  if (route.body === undefined) return undefined;
  if (route.body === "upload") return await readUpload(request);
  return parse(route.body, (await readJson(request)) ?? {}, "");
}

function parse(schema: z.ZodType, value: unknown, at: string): unknown {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw invalidRequest(parsed.error, at);
  return parsed.data;
}

async function refuseUnknown(request: Request, options: ApiOptions, address: string): Promise<Response> {
  const { pathname } = new URL(request.url);
  const bindings = { incoming: { socket: { remoteAddress: address } } };
  if (isDisguisedApiPath(pathname)) return await refuseDisguisedPath(request, bindings, options);
  await countRequest(request, options, { actor: undefined, address, isRun: false });
  const allowed = [...new Set(routes.filter((route) => matches(route.path, pathname)).map((route) => route.method))].toSorted();
  if (allowed.length === 0)
    throw new HeddleError("not_found", "There is nothing at this address.", { hint: "The addresses are listed at /docs/api." });
  const problem = toProblemDocument(new HeddleError("method_not_allowed", `Use ${allowed.join(" or ")} here.`));
  return problemResponse(problem, { allow: allowed.join(", ") });
}

function matches(pattern: string, path: string): boolean {
  const wanted = pattern.split("/");
  const given = path.split("/");
  if (pattern.endsWith("{.+}")) given.splice(wanted.length);
  return wanted.length === given.length && wanted.every((part, index) => part.startsWith(":") || part === given[index]);
}

/** The one place where errors become answers, and where every answer gets its headers. */
async function answer(request: Request, { logger }: ApiOptions, respond: (request: Request) => Promise<Response>): Promise<Response> {
  const requestId = crypto.randomUUID();
  let response: Response;
  try {
    response = await respond(request);
  } catch (thrown) {
    const error = toHeddleError(thrown);
    const fields = { requestId, method: request.method, path: new URL(request.url).pathname, code: error.code };
    if (error.status >= 500) logger.error({ ...fields, err: error.cause ?? error }, error.message);
    else logger.debug(fields, error.message);
    response = problemResponse(toProblemDocument(error, { instance: `urn:uuid:${requestId}` }), refusalHeaders(error));
  }
  const { headers } = response;
  headers.set("x-request-id", requestId);
  headers.set("x-content-type-options", "nosniff");
  for (const [name, value] of Object.entries(rateHeadersOf(request))) if (!headers.has(name)) headers.set(name, value);
  if (!headers.has("cache-control")) headers.set("cache-control", "no-store");
  return response;
}
