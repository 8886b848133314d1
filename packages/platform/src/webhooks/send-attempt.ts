import { HeddleError } from "@heddle/schema";

/** What came of one request. */
export interface AttemptResult {
  durationMs: number;
  /** Null where no answer came. */
  responseStatus: number | null;
  responseHeaders: Record<string, string> | null;
  responseBody: string | null;
  isBodyCut: boolean;
  /** Null where it was taken: any status from 200 to 299. */
  error: { code: string; message: string } | null;
  retryAfterMs: number | undefined;
}

export interface AttemptOptions {
  /** The guarded way out. */
  fetch: typeof fetch;
  url: string;
  headers: Record<string, string>;
  body: string;
  /** Until the answer's status, and then at most a quarter of it for its body. */
  timeoutMs: number;
  /** Aborts when this process ends. */
  signal: AbortSignal;
}

/** Bytes of an answer that are kept. */
const MAX_BODY_BYTES = 4 * 1024;
const MAX_HEADERS = 50;
const MAX_HEADER_LENGTH = 500;
/** Headers of an answer whose values are nobody's business in a log. */
const SECRET_HEADERS = /cookie|auth|token|secret|password|key|signature|session/i;

/** Posts a message once. @throws the signal's reason where that aborts; nothing else */
export async function sendAttempt({ fetch, url, headers, body, timeoutMs, signal }: AttemptOptions): Promise<AttemptResult> {
  const began = performance.now();
  const deadline = new AbortController();
  const late = new HeddleError("http_failed", `${URL.parse(url)?.origin ?? "It"} did not answer within ${timeoutMs / 1_000} s.`);
  let timer = setTimeout(() => deadline.abort(late), timeoutMs);
  const none = { responseStatus: null, responseHeaders: null, responseBody: null, isBodyCut: false, retryAfterMs: undefined };
  const durationMs = () => Math.round(performance.now() - began);
  try {
    const request = { method: "POST", headers, body, redirect: "manual" as const, signal: AbortSignal.any([signal, deadline.signal]) };
    const response = await fetch(url, request);
    clearTimeout(timer);
    timer = setTimeout(() => deadline.abort(late), timeoutMs / 4);
    const read = await readStart(response.body);
    return {
      durationMs: durationMs(),
      responseStatus: response.status,
      responseHeaders: shownHeaders(response.headers),
      responseBody: read.text,
      isBodyCut: read.isCut,
      error: faultOf(response, url),
      retryAfterMs: retryAfter(response.headers),
    };
  } catch (error) {
    signal.throwIfAborted();
    return { ...none, durationMs: durationMs(), error: describe(error) };
  } finally {
    clearTimeout(timer);
  }
}

/** Reads the beginning of a body. The status has decided already, so that a body that never ends only cuts itself off. */
async function readStart(body: ReadableStream<Uint8Array> | null): Promise<{ text: string; isCut: boolean }> {
  if (body === null) return { text: "", isCut: false };
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  let isCut = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      chunks.push(value);
      size += value.byteLength;
      if (size > MAX_BODY_BYTES) {
        isCut = true;
        break;
      }
    }
  } catch {
    isCut = true;
  }
  void reader.cancel().catch(() => undefined);
  // PostgreSQL keeps no NUL in texts.
  const text = new TextDecoder().decode(Buffer.concat(chunks).subarray(0, MAX_BODY_BYTES)).replaceAll("\0", "\uFFFD");
  return { text, isCut };
}

function faultOf(response: Response, url: string): AttemptResult["error"] {
  const { status } = response;
  if (status >= 200 && status < 300) return null;
  const host = URL.parse(url)?.host ?? "The receiver";
  if (status >= 300 && status < 400)
    return { code: "http_status", message: `${host} answered with a redirect (status ${status}), which is not followed.` };
  if (status === 410) return { code: "http_status", message: `${host} answered that it is gone for good (status 410).` };
  return { code: "http_status", message: `${host} answered with status ${status}.` };
}

function describe(error: unknown): { code: string; message: string } {
  if (error instanceof HeddleError) return { code: error.code, message: error.message };
  return { code: "http_failed", message: "The request could not be sent." };
}

function shownHeaders(headers: Headers): Record<string, string> {
  const shown: Record<string, string> = {};
  for (const [name, value] of [...headers].slice(0, MAX_HEADERS))
    shown[name] = SECRET_HEADERS.test(name) ? "…" : value.slice(0, MAX_HEADER_LENGTH);
  return shown;
}

/** Retry-After in ms: seconds, or a date, which is compared with the receiver's own clock where it tells it. */
function retryAfter(headers: Headers): number | undefined {
  const value = headers.get("retry-after")?.trim() ?? "";
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1_000;
  const wait = Date.parse(value) - Date.parse(headers.get("date") ?? new Date().toUTCString());
  return Number.isNaN(wait) ? undefined : Math.max(0, wait);
}
