import { compileValue } from "@heddle/expression";
import { HeddleError, isRecord, type AgentNode, type Json } from "@heddle/schema";

/** What a webhook's sender gets back. */
export interface WebhookAnswer {
  status: number;
  headers: Record<string, string>;
  body: string | null;
}

/**
 * The answer as a trigger's params have it, over `input`, `run`, and `output` once the run has ended. What a tenant writes
 * is answered on the address that people are signed in to: a browser that opens it runs and shows none of it.
 * @throws HeddleError expression_failed, param_invalid
 */
export function webhookAnswer({ params }: AgentNode, scope: Record<string, Json>, fallback: { status: number; body: Json }): WebhookAnswer {
  const { responseStatus = null, responseBody = null, responseHeaders = null } = params;
  const status = statusOf(evaluate(responseStatus, scope)) ?? fallback.status;
  const written = isEmpty(responseBody) ? fallback.body : evaluate(responseBody, scope);
  const headers = { ...safeHeaders(evaluate(responseHeaders, scope)) };
  headers["content-type"] ??= typeOf(written);
  const hasBody = status !== 204 && status !== 205 && status !== 304;
  return plainAnswer(status, headers, hasBody ? (typeof written === "string" ? written : JSON.stringify(written)) : null);
}

/** An answer that no browser takes for a page. */
export function plainAnswer(status: number, headers: Record<string, string>, body: string | null): WebhookAnswer {
  const isInert = INERT.test(headers["content-type"] ?? "");
  return {
    status,
    headers: {
      ...headers,
      "content-security-policy": "sandbox; default-src 'none'",
      "x-content-type-options": "nosniff",
      ...(isInert ? {} : { "content-disposition": "attachment" }),
    },
    body,
  };
}

/** Types of which a browser makes nothing but text. */
const INERT = /^(?:application\/(?:[\w.-]+\+)?json|text\/(?:plain|csv))\s*(?:;|$)/i;

/** Headers that say something of the answer alone. Cookies, redirects, and what a browser or a proxy acts on are left out. */
const ALLOWED = new Set(["cache-control", "content-language", "content-type", "etag", "expires", "last-modified", "retry-after", "vary"]);
const CUSTOM =
  /^x-(?!accel|sendfile|frame|content-type|xss|dns|permitted|ua|request-id|forwarded|real-ip|middleware|powered|robots)[a-z0-9-]{1,100}$/;

function safeHeaders(given: Json): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(isRecord(given) ? given : {})) {
    const lower = name.trim().toLowerCase();
    const text = typeof value === "string" || typeof value === "number" ? String(value).trim() : "";
    if ((ALLOWED.has(lower) || CUSTOM.test(lower)) && /^[\t\x20-\x7e]{1,2000}$/.test(text)) headers[lower] = text;
  }
  return headers;
}

/** Text that was written as JSON goes out as JSON. */
function typeOf(body: Json): string {
  const isJson = typeof body !== "string" || (/^\s*[[{]/.test(body) && canBeParsed(body));
  return isJson ? "application/json" : "text/plain; charset=utf-8";
}

function canBeParsed(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function statusOf(value: unknown): number | undefined {
  if (isEmpty(value)) return undefined;
  const status = typeof value === "number" ? value : Number(String(value).trim());
  if (Number.isInteger(status) && status >= 200 && status <= 599) return status;
  throw new HeddleError("param_invalid", "The webhook's status is not a number from 200 to 599.");
}

function evaluate(value: Json, scope: Record<string, Json>): Json {
  return (compileValue(value).evaluate(scope) ?? null) as Json;
}

function isEmpty(value: unknown): boolean {
  return value === null || value === undefined || value === "";
}
