import { HeddleError } from "@heddle/schema";

export interface OriginPolicy {
  /** The origin that the operator or the default named. */
  publicUrl: string;
  /** True: https is required where the public address has it. */
  isPublicUrlSet: boolean;
}

const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Refuses state-changing requests that another site made a browser send. Programs send neither Origin nor
 * Sec-Fetch-Site and pass; a browser sends at least one of them.
 * @throws HeddleError origin_refused
 */
export function checkOrigin(request: Request, policy: OriginPolicy): void {
  if (SAFE_METHODS.has(request.method)) return;
  checkOriginHeaders(request.headers.get("origin"), request.headers.get("host"), request.headers.get("sec-fetch-site"), policy);
}

/** The same by header values, for WebSocket upgrades, which are GETs but open a two-way channel. */
export function checkOriginHeaders(origin: string | null, host: string | null, fetchSite: string | null, policy: OriginPolicy): void {
  if (origin === null) {
    if (fetchSite === null || fetchSite === "same-origin" || fetchSite === "none") return;
    throw refused();
  }
  if (origin === policy.publicUrl) return;
  if (host !== null && URL.canParse(origin)) {
    const url = new URL(origin);
    const isPlain = url.protocol === "http:" || url.protocol === "https:";
    const isDowngrade = policy.isPublicUrlSet && policy.publicUrl.startsWith("https:") && url.protocol === "http:";
    // Compared as text with what the browser put into both headers: no default ports, no user names.
    if (isPlain && !isDowngrade && origin === `${url.protocol}//${host.toLowerCase()}`) return;
  }
  throw refused();
}

function refused(): HeddleError {
  return new HeddleError("origin_refused", "This request came from another site, so it was not carried out.");
}
