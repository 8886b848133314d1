import { Readable } from "node:stream";
import { HeddleError } from "@heddle/schema";
import type { Agent } from "undici";
import { decodedBody, tooLarge } from "./read-body.ts";
import { send, type IncomingResponse } from "./send.ts";
import { parseTargetUrl } from "./target-url.ts";
import { transportError } from "./transport-error.ts";

/**
 * `fetch` over pooled connections of the guarded agent, for libraries that take one. Bodies stream in both directions.
 * It throws HeddleError (http_blocked, http_failed, value_too_large) where the platform's fetch throws a TypeError,
 * and the signal's reason on abort.
 */
export function createEgressFetch(
  agent: Agent,
  { maxResponseBytes, maxRedirects }: { maxResponseBytes: number; maxRedirects: number },
): typeof fetch {
  return async (input, init = {}) => {
    const request = input instanceof Request ? input : undefined;
    const url = parseTargetUrl(input instanceof Request ? input.url : String(input));
    const signal = init.signal ?? request?.signal ?? undefined;
    signal?.throwIfAborted();
    try {
      const { body, contentType } = await bodyOf(init.body ?? request?.body ?? null);
      const headers = headersOf(init.headers ?? request?.headers);
      if (contentType !== undefined && headers["content-type"] === undefined) headers["content-type"] = contentType;
      const redirect = init.redirect ?? request?.redirect ?? "follow";
      const response = await send(agent, {
        url,
        method: (init.method ?? request?.method ?? "GET").toUpperCase(),
        headers,
        body,
        maxRedirects: redirect === "follow" ? maxRedirects : 0,
        signal,
      });
      if (redirect === "error" && response.status >= 300 && response.status < 400) {
        response.body.destroy();
        throw new HeddleError("http_failed", `${url.origin} answered with a redirect.`, { retryable: false });
      }
      return toResponse(response, maxResponseBytes, signal);
    } catch (error) {
      throw transportError(error, url, signal);
    }
  };
}

/** Wraps an answer without copying it: a stream of bytes whose end, failure and cancellation are the socket's. */
function toResponse(incoming: IncomingResponse, maxBytes: number, signal: AbortSignal | undefined): Response {
  const headers: [string, string][] = [];
  const isEncoded = incoming.headers["content-encoding"] !== undefined;
  for (const [name, value] of Object.entries(incoming.headers)) {
    // They describe the bytes as sent, not as given out here.
    if (value === undefined || (isEncoded && (name === "content-encoding" || name === "content-length"))) continue;
    if (Array.isArray(value)) for (const item of value) headers.push([name, item]);
    else headers.push([name, value]);
  }
  const source = decodedBody(incoming);
  if (!incoming.hasBody) source.resume().on("error", () => {});
  const response = new Response(incoming.hasBody ? toWebStream(source, incoming.url, maxBytes, signal) : null, {
    status: incoming.status,
    headers,
  });
  Object.defineProperty(response, "url", { value: incoming.url.href });
  return response;
}

/** What `Readable.toWeb` does, with a limit on the bytes and failures said in our errors. */
function toWebStream(
  source: Readable,
  url: URL,
  maxBytes: number,
  signal: AbortSignal | undefined,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let size = 0;
  return new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(controller) {
      let isDone = false;
      const finish = (act: () => void): void => {
        if (isDone) return;
        isDone = true;
        act();
      };
      source.on("data", (chunk: Buffer<ArrayBuffer>) => {
        if (isDone) return;
        size += chunk.byteLength;
        if (size > maxBytes) {
          finish(() => controller.error(tooLarge(url, maxBytes)));
          source.destroy();
          return;
        }
        controller.enqueue(chunk);
        if ((controller.desiredSize ?? 1) <= 0) source.pause();
      });
      source.on("end", () => finish(() => controller.close()));
      source.on("error", (error) => finish(() => controller.error(transportError(error, url, signal))));
      source.on("close", () =>
        finish(() => controller.error(new HeddleError("http_failed", `The answer of ${url.origin} stopped halfway.`))),
      );
    },
    pull() {
      source.resume();
    },
    cancel() {
      source.on("error", () => {});
      source.destroy();
    },
  });
}

async function bodyOf(body: BodyInit | null): Promise<{ body: string | Uint8Array | Readable | null; contentType?: string }> {
  if (body === null || typeof body === "string") return { body };
  if (body instanceof Uint8Array) return { body };
  if (body instanceof ReadableStream) return { body: Readable.fromWeb(body as Parameters<typeof Readable.fromWeb>[0]) };
  // Forms, blobs and parameters: let the platform encode them.
  const encoded = new Response(body);
  const contentType = encoded.headers.get("content-type");
  return { body: new Uint8Array(await encoded.arrayBuffer()), ...(contentType === null ? {} : { contentType }) };
}

function headersOf(init: HeadersInit | undefined): Record<string, string> {
  const headers: Record<string, string> = {};
  if (init === undefined) return headers;
  const entries = Symbol.iterator in init ? (init as Iterable<[string, string]>) : Object.entries(init);
  for (const [name, value] of entries) if (value !== undefined) headers[name.toLowerCase()] = value;
  return headers;
}
