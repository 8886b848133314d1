import { type RateVerdict, rateLimited } from "@heddle/platform/limits/rate-limiter";
import type { RateCaller } from "@heddle/platform/limits/limits";
import type { ApiContext } from "../context.ts";
import { toHeddleError } from "./problem.ts";

/** What was found when requests were counted, until they are answered. */
const verdicts = new WeakMap<Request, RateVerdict>();

/**
 * Counts a request against whoever sent it. Every request passes here once: REST, procedures, sockets and hooks.
 * @throws HeddleError rate_limited
 */
export async function countRequest(request: Request, { platform }: ApiContext, caller: RateCaller, cost = 1): Promise<void> {
  const counted = platform.limits.countCaller(caller, cost);
  noteVerdict(request, counted instanceof Promise ? await counted : counted);
}

/** Keeps a verdict for the answer's headers; of several the one that is nearest to its limit. @throws HeddleError rate_limited */
export function noteVerdict(request: Request, verdict: RateVerdict | undefined): void {
  if (verdict === undefined) return;
  if (!verdict.isAllowed) throw rateLimited(verdict);
  verdicts.set(request, closest(verdicts.get(request), verdict));
}

/** Of two verdicts, the one that is nearer to its limit. */
export function closest(earlier: RateVerdict | undefined, verdict: RateVerdict): RateVerdict {
  return earlier === undefined || verdict.remaining / verdict.limit <= earlier.remaining / earlier.limit ? verdict : earlier;
}

/** The headers that tell what is left; none where nothing limits the request. */
export function rateHeadersOf(request: Request): Record<string, string> {
  const verdict = verdicts.get(request);
  return verdict === undefined ? {} : rateHeadersFor(verdict);
}

/** The headers that tell what a verdict leaves. */
export function rateHeadersFor(verdict: RateVerdict): Record<string, string> {
  return rateHeaders({ ...verdict, resetSeconds: Math.ceil(verdict.resetMs / 1_000), windowSeconds: 60 });
}

/** The headers of a refusal: when to try again, and what it is that was used up. */
export function refusalHeaders(thrown: unknown): Record<string, string> {
  const error = toHeddleError(thrown);
  const wait = error.retryAfterMs === undefined ? {} : { "retry-after": String(Math.max(1, Math.ceil(error.retryAfterMs / 1_000))) };
  return error.code === "rate_limited" && isRate(error.details) ? { ...wait, ...rateHeaders(error.details) } : wait;
}

interface Rate {
  policy: string;
  limit: number;
  remaining: number;
  resetSeconds: number;
  windowSeconds: number;
}

/**
 * The three fields that most clients read, of the drafts up to 06, and the two of the current one
 * (draft-ietf-httpapi-ratelimit-headers-11).
 */
function rateHeaders({ policy, limit, remaining, resetSeconds, windowSeconds }: Rate): Record<string, string> {
  return {
    "ratelimit-limit": String(limit),
    "ratelimit-remaining": String(remaining),
    "ratelimit-reset": String(resetSeconds),
    "ratelimit-policy": `"${policy}";q=${limit};w=${windowSeconds}`,
    ratelimit: `"${policy}";r=${remaining};t=${resetSeconds}`,
  };
}

function isRate(details: Record<string, unknown> | undefined): details is Record<string, unknown> & Rate {
  return (
    typeof details?.["policy"] === "string" &&
    ["limit", "remaining", "resetSeconds", "windowSeconds"].every((name) => typeof details[name] === "number")
  );
}
