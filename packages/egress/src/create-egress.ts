import type { HttpPort, HttpRequest, HttpResponse } from "@heddle/node-kit";
import { HeddleError } from "@heddle/schema";
import { createAddressPolicy, type AddressPolicyOptions } from "./address-policy.ts";
import { createEgressFetch } from "./egress-fetch.ts";
import { createGuardedAgent, type Resolve } from "./guarded-agent.ts";
import { createPostText, type PostText } from "./post-text.ts";
import { ACCEPT_ENCODING, readBody } from "./read-body.ts";
import { send } from "./send.ts";
import { parseTargetUrl } from "./target-url.ts";
import { transportError } from "./transport-error.ts";

export interface EgressOptions extends AddressPolicyOptions {
  /** Replaces the system's name resolution; for tests. */
  resolve?: Resolve;
  /** Upper bound of one `fetch` answer, bytes; 64 MiB by default. `http` takes its limit per request. */
  maxFetchBytes?: number;
}

/** The ways out, all through one guarded agent. */
export interface Egress {
  http: HttpPort;
  /** For libraries that take a `fetch`. */
  fetch: typeof fetch;
  /** For calls that come all day and want a whole answer. */
  post: PostText;
  /** Ends idle and running connections. */
  close(): Promise<void>;
}

export const DEFAULT_TIMEOUT_MS = 30_000;
export const DEFAULT_MAX_RESPONSE_BYTES = 10 * 1024 * 1024;
export const DEFAULT_MAX_REDIRECTS = 5;
const DEFAULT_MAX_FETCH_BYTES = 64 * 1024 * 1024;

/**
 * The one way by which Heddle calls other servers. Use one instance per policy: the default for addresses that a run or
 * a tenant chooses, another with `allowLoopback` for model servers.
 */
export function createEgress(options: EgressOptions = {}): Egress {
  const policy = createAddressPolicy(options);
  const agent = createGuardedAgent({ policy, ...(options.resolve === undefined ? {} : { resolve: options.resolve }) });
  return {
    http: { request: (request) => performRequest(agent, request) },
    fetch: createEgressFetch(agent, {
      maxResponseBytes: options.maxFetchBytes ?? DEFAULT_MAX_FETCH_BYTES,
      maxRedirects: DEFAULT_MAX_REDIRECTS,
    }),
    post: createPostText(agent, { maxResponseBytes: options.maxFetchBytes ?? DEFAULT_MAX_FETCH_BYTES }),
    close: () => agent.destroy(),
  };
}

async function performRequest(agent: Parameters<typeof send>[0], request: HttpRequest): Promise<HttpResponse> {
  const url = parseTargetUrl(request.url);
  request.signal?.throwIfAborted();
  const timeoutMs = request.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(timedOut(url, timeoutMs)), timeoutMs);
  const signal = request.signal === undefined ? deadline.signal : AbortSignal.any([request.signal, deadline.signal]);
  try {
    const headers: Record<string, string> = { "accept-encoding": ACCEPT_ENCODING };
    for (const [name, value] of Object.entries(request.headers ?? {})) headers[name.toLowerCase()] = value;
    const response = await send(agent, {
      url,
      method: request.method.toUpperCase(),
      headers,
      body: request.body ?? null,
      maxRedirects: request.maxRedirects ?? DEFAULT_MAX_REDIRECTS,
      signal,
    });
    const body = await readBody(response, request.maxResponseBytes ?? DEFAULT_MAX_RESPONSE_BYTES);
    return { status: response.status, headers: flatHeaders(response.headers), body, url: response.url.href };
  } catch (error) {
    throw transportError(error, url, signal);
  } finally {
    clearTimeout(timer);
  }
}

function timedOut(url: URL, timeoutMs: number): HeddleError {
  return new HeddleError("step_timeout", `${url.origin} did not answer within ${timeoutMs / 1000} s.`, { details: { timeoutMs } });
}

function flatHeaders(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name] = Array.isArray(value) ? value.join(", ") : value;
  }
  return flat;
}
