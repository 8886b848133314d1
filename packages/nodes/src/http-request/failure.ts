import { HeddleError } from "@heddle/schema";
import { textOf } from "../param-fields.ts";
import type { HttpAnswer } from "./read-response.ts";

const RETRYABLE_STATUSES = new Set([408, 409, 425, 429]);
const EXCERPT_LENGTH = 500;

/** The error that an answer means, if it means one: status 400 and above, and redirects that were not followed. */
export function failureOf(answer: HttpAnswer, { isRedirectUnfollowed }: { isRedirectUnfollowed: boolean }): HeddleError | undefined {
  const { status, url } = answer;
  const host = URL.parse(url)?.host ?? url;
  const details = { status, body: textOf(answer.body).slice(0, EXCERPT_LENGTH) };
  if (isRedirectUnfollowed && status >= 300 && status < 400 && answer.headers["location"] !== undefined) {
    return new HeddleError("http_status", `${host} redirects to another address (status ${status}).`, {
      details: { ...details, location: answer.headers["location"] },
      hint: "Requests with a credential follow no redirects. Put the new address into the node if you trust it.",
    });
  }
  if (status < 400) return undefined;
  const retryAfterMs = retryAfter(answer.headers);
  return new HeddleError("http_status", `${host} answered with status ${status}.`, {
    details,
    retryable: RETRYABLE_STATUSES.has(status) || status >= 500,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...hintFor(status),
  });
}

function hintFor(status: number): { hint?: string } {
  if (status === 401 || status === 403) return { hint: "Check the credential and what it is allowed to do." };
  if (status === 404) return { hint: "Check the address." };
  if (status === 429) return { hint: "The server wants fewer requests. Give the node a retry policy." };
  return {};
}

/** Retry-After in ms: seconds, or a date, which is compared with the server's own. */
function retryAfter(headers: Record<string, string>): number | undefined {
  const value = headers["retry-after"]?.trim();
  if (value === undefined || value === "") return undefined;
  if (/^\d+$/.test(value)) return Number(value) * 1_000;
  const wait = Date.parse(value) - Date.parse(headers["date"] ?? "");
  return Number.isNaN(wait) ? undefined : Math.max(0, wait);
}
