import { HeddleError } from "@heddle/schema";
import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import type { ApiOptions } from "../app.ts";
import { identify } from "../http/authenticate.ts";
import { MAX_JSON_BYTES, parseJson, readText } from "../http/body.ts";
import { countRequest } from "../http/count-request.ts";
import { checkOrigin } from "../http/origin.ts";
import { toHeddleError } from "../http/problem.ts";
import { problemOf } from "./base.ts";
import { appRouter } from "./router.ts";

/** More calls in one batch than any page makes. */
const MAX_BATCH = 20;

/** Answers the pages' procedure calls. */
export async function handleTrpc(request: Request, clientAddress: string, options: ApiOptions): Promise<Response> {
  checkOrigin(request, options.settings);
  const path = new URL(request.url).pathname.slice("/api/trpc/".length);
  const calls = path.split(",").length;
  if (calls > MAX_BATCH) throw new HeddleError("invalid_request", `At most ${MAX_BATCH} calls fit into one batch.`);
  const actor = request.headers.has("authorization") ? undefined : await identify(request, options);
  await countRequest(request, options, { actor, address: clientAddress, isRun: false }, calls);
  const received = await limitBody(request);
  return await fetchRequestHandler({
    endpoint: "/api/trpc",
    req: received,
    router: appRouter,
    createContext: () => ({ platform: options.platform, settings: options.settings, actor, clientAddress, request }),
    onError: ({ error, path: procedure }) => {
      const { code, status } = problemOf(error);
      if (status >= 500) {
        const cause = error.cause === undefined ? error : (toHeddleError(error.cause).cause ?? error.cause);
        options.logger.error({ procedure, code, err: cause }, error.message);
      } else options.logger.debug({ procedure, code }, error.message);
    },
  });
}

/** tRPC reads whole bodies of any size and keeps `__proto__`, so they are read here first. */
async function limitBody(request: Request): Promise<Request> {
  if (request.method !== "POST") return request;
  const type = (request.headers.get("content-type") ?? "").split(";")[0]?.trim().toLowerCase();
  if (type !== "application/json")
    throw new HeddleError("unsupported_media_type", "Send the body as JSON, with the header Content-Type: application/json.");
  const text = await readText(request, MAX_JSON_BYTES);
  const body = text === "" ? "" : JSON.stringify(parseJson(text));
  return new Request(request.url, { method: "POST", headers: { "content-type": "application/json" }, body });
}
