import { createServer, type Server } from "node:http";
import { getRequestListener, type HttpBindings } from "@hono/node-server";
import {
  createExecuteLane,
  isApiRequest,
  isDisguisedApiPath,
  refuseDisguisedPath,
  servePlainConnections,
  type Api,
  type ApiOptions,
  type PlainConnections,
} from "@heddle/api";
import { ALL_ROLES } from "@heddle/platform/process-role";
import type { StaticFiles } from "./static-files.ts";

export interface HttpServerOptions {
  api: Api;
  apiOptions: ApiOptions;
  files: StaticFiles;
}

export interface HttpServer {
  server: Server;
  /** Takes no new connection, lets running requests end within the time given (ms), then cuts the rest. */
  drain(withinMs: number): Promise<void>;
}

/** One server for the API and the pages. */
export function createHttpServer({ api, apiOptions, files }: HttpServerOptions): HttpServer {
  const { roles = ALL_ROLES } = apiOptions.settings;
  const hasPages = roles.has("web");
  const listener = getRequestListener((request, env) => {
    // The path as it was sent: request.url has already had some of its disguises resolved.
    const path = ((env as HttpBindings).incoming.url ?? "/").split(/[?#]/)[0] ?? "/";
    if (!isApiRequest(path)) return hasPages ? files.respond(request) : new Response("This process serves no pages.\n", { status: 404 });
    return isDisguisedApiPath(path)
      ? refuseDisguisedPath(request, env as HttpBindings, apiOptions)
      : api.fetch(request, env as HttpBindings);
  });
  const lane = roles.has("gateway") ? createExecuteLane(apiOptions) : undefined;
  const server = createServer(
    { maxHeaderSize: 16_384, requestTimeout: 300_000, headersTimeout: 30_000, keepAliveTimeout: 65_000 },
    (incoming, outgoing) => {
      if (lane?.take(incoming, outgoing) !== true) void listener(incoming, outgoing);
    },
  );
  const plain = lane && servePlainConnections(server, lane);
  return { server, drain: (withinMs) => drain(server, plain, withinMs) };
}

/** Listens; resolves to the port, which the system chose where 0 was asked for. Rejects where the port is taken. */
export async function listen(server: Server, port: number, host: string | undefined): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : port;
}

async function drain(server: Server, plain: PlainConnections | undefined, withinMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  plain?.drain();
  const timer = setTimeout(() => {
    server.closeAllConnections();
    plain?.close();
  }, withinMs);
  // Connections that were busy a moment ago become idle without closing themselves.
  const sweep = setInterval(() => server.closeIdleConnections(), 250);
  await closed;
  clearTimeout(timer);
  clearInterval(sweep);
}
