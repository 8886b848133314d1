import { APICallError, InvalidPromptError, UnsupportedFunctionalityError } from "@ai-sdk/provider";
import { type ErrorCode, HeddleError, isRecord } from "@heddle/schema";
import type { ProviderSettings } from "./provider.ts";

/**
 * What went wrong with a call, in our codes: the provider's own words are kept where they help, without the key, and
 * neither prompts nor headers travel along.
 */
export function toProviderError(error: unknown, settings: ProviderSettings): HeddleError {
  const known = findHeddleError(error);
  const status = statusOf(error);
  if (status !== undefined && status >= 400) return statusError(status, error, settings);
  if (known !== undefined) return fromOwnError(known, status, settings);
  if (UnsupportedFunctionalityError.isInstance(error) || InvalidPromptError.isInstance(error)) {
    return new HeddleError("provider_rejected", `${settings.label} can't do this: ${redact(error.message, settings)}`);
  }
  const streamed = streamError(error);
  if (streamed !== undefined) {
    return new HeddleError("provider_overloaded", `${settings.label} broke off its answer: ${redact(streamed, settings)}`);
  }
  if (APICallError.isInstance(error) && status === undefined) {
    return new HeddleError("provider_unreachable", `${settings.label} could not be reached.`, { hint: reachHint(settings) });
  }
  return new HeddleError("provider_invalid_response", `The answer of ${settings.label} could not be read.`, {
    hint: "Check that its base URL leads to a model server, not to a web page.",
    ...(status === undefined ? {} : { details: { status } }),
  });
}

function statusError(status: number, error: unknown, settings: ProviderSettings): HeddleError {
  const { label } = settings;
  const said = redact(messageOf(error), settings);
  const details = { status };
  const make = (
    code: ErrorCode,
    message: string,
    more: { hint?: string; retryable?: boolean; retryAfterMs?: number | undefined } = {},
  ): HeddleError => {
    const { retryAfterMs, ...rest } = more;
    return new HeddleError(code, said === "" ? `${message}.` : `${message}: ${said}`, {
      details,
      ...rest,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    });
  };
  if (status === 401 || status === 403)
    return make("provider_unauthorized", `${label} refused the key`, { hint: "Check the key under Credentials." });
  if (status === 429) {
    // OpenAI says 429 for an empty account too; waiting does not fill it.
    if (codeOf(error) === "insufficient_quota") {
      return make("provider_rate_limited", `The account at ${label} has no credit left`, {
        retryable: false,
        hint: "Add credit at the provider.",
      });
    }
    return make("provider_rate_limited", `${label} is rate limiting`, { retryAfterMs: retryAfterOf(error) });
  }
  if (status === 408 || status >= 500)
    return make("provider_overloaded", `${label} had an error (${status})`, { retryAfterMs: retryAfterOf(error) });
  return make(
    "provider_rejected",
    `${label} rejected the request`,
    status === 404 ? { hint: "Check the model's name and the base URL." } : {},
  );
}

/** Errors of our own egress, on the way there or in the middle of an answer. */
function fromOwnError(error: HeddleError, status: number | undefined, settings: ProviderSettings): HeddleError {
  if (error.code.startsWith("provider_") || error.code === "not_configured") return error;
  if (error.code === "http_blocked") {
    return new HeddleError("provider_unreachable", `${settings.label} was not called. ${error.message}`, {
      retryable: false,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    });
  }
  if (status !== undefined || error.details?.["status"] !== undefined || error.code === "value_too_large") {
    return new HeddleError("provider_invalid_response", `The answer of ${settings.label} stopped halfway. ${error.message}`);
  }
  return new HeddleError("provider_unreachable", `${settings.label} could not be reached. ${error.message}`, {
    retryable: error.retryable,
    hint: reachHint(settings),
  });
}

function reachHint(settings: ProviderSettings): string {
  return settings.type === "openai-compatible"
    ? "Check that the model server runs and that its base URL is right."
    : "Check this server's connection to the internet.";
}

function findHeddleError(error: unknown): HeddleError | undefined {
  for (let current = error, depth = 0; current instanceof Error && depth < 6; current = current.cause, depth++) {
    if (current instanceof HeddleError) return current;
  }
  return undefined;
}

function statusOf(error: unknown): number | undefined {
  const status = isRecord(error) ? error["statusCode"] : undefined;
  return typeof status === "number" ? status : undefined;
}

/** The text of an error event inside a stream: the provider's own object, not an exception. */
function streamError(error: unknown): string | undefined {
  if (!isRecord(error) || error instanceof Error) return undefined;
  const inner = isRecord(error["error"]) ? error["error"] : error;
  return typeof inner["message"] === "string" ? inner["message"] : undefined;
}

function messageOf(error: unknown): string {
  const message = isRecord(error) && typeof error["message"] === "string" ? error["message"] : "";
  return message === "Failed to process error response" ? "" : message;
}

function codeOf(error: unknown): unknown {
  const data = APICallError.isInstance(error) ? error.data : undefined;
  const inner = isRecord(data) ? data["error"] : undefined;
  return isRecord(inner) ? inner["code"] : undefined;
}

/** `retry-after-ms` (OpenAI), or Retry-After in seconds or as a date (RFC 9110, 10.2.3). */
function retryAfterOf(error: unknown): number | undefined {
  const headers = APICallError.isInstance(error) ? error.responseHeaders : undefined;
  const exact = Number(headers?.["retry-after-ms"]);
  if (exact > 0) return exact;
  const value = headers?.["retry-after"];
  if (value === undefined) return undefined;
  const ms = /^\d+(\.\d+)?$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, Math.round(ms)) : undefined;
}

/** The provider's words as the end of a sentence of ours, short and without secrets. */
function redact(text: string, { apiKey }: ProviderSettings): string {
  const withoutKey = apiKey !== undefined && apiKey.length >= 4 ? text.replaceAll(apiKey, "…") : text;
  const clean = withoutKey.replaceAll(/\b(?:sk|pk|rk)-[\w*.-]{6,}|\bBearer\s+\S{6,}/g, "…").trim();
  if (clean.length > 500) return `${clean.slice(0, 500)}…`;
  return clean === "" || /[.!?…]$/.test(clean) ? clean : `${clean}.`;
}
