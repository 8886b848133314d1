import type { Readable } from "node:stream";
import { HeddleError } from "@heddle/schema";
import type { Agent, Dispatcher } from "undici";
import { parseTargetUrl } from "./target-url.ts";

export interface OutgoingRequest {
  url: URL;
  method: string;
  headers: Record<string, string>;
  body: string | Uint8Array | Readable | null;
  maxRedirects: number;
  signal: AbortSignal | undefined;
}

/** A response whose body is still to be read or destroyed. */
export interface IncomingResponse {
  url: URL;
  status: number;
  /** False for answers that have none by definition, whatever their headers say. */
  hasBody: boolean;
  headers: Dispatcher.ResponseData["headers"];
  body: Dispatcher.ResponseData["body"];
}

/**
 * Sends a request and follows redirects by hand, so that each hop passes the same checks as the first.
 * A hop to another origin loses the headers that carry secrets, and one down from https to http is refused.
 * @throws HeddleError http_blocked, http_failed; what undici throws
 */
export async function send(agent: Agent, request: OutgoingRequest): Promise<IncomingResponse> {
  let { url, method, headers, body } = request;
  headers = withoutConnectionHeaders(headers);
  for (let hops = 0; ; hops++) {
    // The dispatcher's types and exactOptionalPropertyTypes disagree about undefined, hence the spread.
    const response = await agent.request({
      origin: url.origin,
      path: url.pathname + url.search,
      method: method as Dispatcher.HttpMethod,
      headers,
      body,
      ...(request.signal === undefined ? {} : { signal: request.signal }),
    });
    const location = response.headers["location"];
    if (!REDIRECTS.has(response.statusCode) || typeof location !== "string" || request.maxRedirects === 0) {
      const hasBody = method !== "HEAD" && !BODILESS.has(response.statusCode);
      return { url, status: response.statusCode, hasBody, headers: response.headers, body: response.body };
    }
    await response.body.dump({ limit: 64 * 1024 });
    if (hops >= request.maxRedirects) {
      throw new HeddleError("http_failed", `${request.url.origin} redirected more than ${request.maxRedirects} times.`, {
        retryable: false,
      });
    }
    const next = parseTargetUrl(location, url);
    if (url.protocol === "https:" && next.protocol === "http:") {
      throw new HeddleError("http_blocked", `${url.origin} redirected to ${next.origin}, which is not encrypted.`);
    }
    if (next.origin !== url.origin) headers = withoutSecrets(headers);
    if (response.statusCode === 303 || ((response.statusCode === 301 || response.statusCode === 302) && method === "POST")) {
      if (method !== "HEAD") method = "GET";
      body = null;
      headers = without(headers, /^content-/i);
    } else if (body !== null && typeof body !== "string" && !(body instanceof Uint8Array)) {
      throw new HeddleError("http_failed", `${url.origin} redirected a request whose body can't be sent twice.`, { retryable: false });
    }
    url = next;
  }
}

const BODILESS = new Set([204, 205, 304]);
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** These describe the connection, which is ours; a Host of the caller's own would get past checks of the URL. */
const CONNECTION_HEADERS = /^(host|connection|content-length|transfer-encoding|keep-alive|upgrade|expect|te|trailer|proxy-.*)$/i;
/** Names that carry secrets: those that the platform knows, and the usual ones for API keys. */
const SECRET_HEADERS = /^(authorization|cookie|cookie2|www-authenticate)$|key|token|secret|auth|password|signature/i;

function withoutConnectionHeaders(headers: Record<string, string>): Record<string, string> {
  return without(headers, CONNECTION_HEADERS);
}

function withoutSecrets(headers: Record<string, string>): Record<string, string> {
  return without(headers, SECRET_HEADERS);
}

function without(headers: Record<string, string>, names: RegExp): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined && !names.test(name)) kept[name] = value;
  }
  return kept;
}
