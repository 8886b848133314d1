import { HeddleError } from "@heddle/schema";
import { jsonValue } from "../json-value.ts";
import { textOf } from "../param-fields.ts";

/** The address with its query. Values that are missing are left out, lists are repeated. @throws HeddleError param_invalid, http_blocked */
export function composeUrl(address: string, query: Record<string, unknown>): URL {
  const url = URL.parse(address.trim());
  if (url === null) {
    throw new HeddleError("param_invalid", "The address can't be read.", {
      hint: "Write it in full, for example https://api.example.com/orders.",
    });
  }
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    throw new HeddleError("http_blocked", `Addresses that begin with ${url.protocol} may not be called.`, { hint: "Use https." });
  }
  if (url.username !== "" || url.password !== "") {
    throw new HeddleError("http_blocked", "The address holds a user name or a password.", {
      hint: "Keep them in a credential and choose it here.",
    });
  }
  for (const [name, value] of Object.entries(query)) {
    for (const item of Array.isArray(value) ? value : [value]) {
      if (item !== null && item !== undefined) url.searchParams.append(name, textOf(item));
    }
  }
  return url;
}

const HEADER_NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/;
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const HEADER_VALUE = /^[^\u0000-\u0008\u000a-\u001f\u007f]*$/;
/** Set by the connection itself; setting them by hand makes one server read what another did not. */
const CONNECTION_HEADERS = new Set(["host", "content-length", "transfer-encoding", "connection", "upgrade", "te", "trailer", "expect"]);

/** Headers in lower case; those that were filled in win over `defaults`. @throws HeddleError param_invalid */
export function composeHeaders(given: Record<string, unknown>, defaults: Record<string, string>): Record<string, string> {
  const headers = { ...defaults };
  for (const [name, value] of Object.entries(given)) {
    if (value === null || value === undefined) continue;
    const text = textOf(value).trim();
    const lowered = name.trim().toLowerCase();
    if (!HEADER_NAME.test(lowered)) throw new HeddleError("param_invalid", `"${name}" is not the name of a header.`);
    if (CONNECTION_HEADERS.has(lowered)) throw new HeddleError("param_invalid", `The header ${name} is set by Heddle itself. Remove it.`);
    if (!HEADER_VALUE.test(text)) throw new HeddleError("param_invalid", `The header ${name} holds a line break or a control character.`);
    headers[lowered] = text;
  }
  return headers;
}

interface BodyParams {
  method: string;
  bodyKind: "none" | "json" | "form" | "text";
  json?: unknown;
  form: Record<string, unknown>;
  text?: string | undefined;
}

/** The body and what it says it is; undefined where the request has none. @throws HeddleError param_invalid */
export function composeBody(params: BodyParams): { content: string; contentType: string } | undefined {
  if (params.bodyKind === "none") return undefined;
  if (params.method === "GET" || params.method === "HEAD") {
    throw new HeddleError("param_invalid", `${params.method} requests have no body.`, { hint: "Choose another method, or no body." });
  }
  switch (params.bodyKind) {
    case "json":
      return { content: JSON.stringify(jsonValue(params.json)), contentType: "application/json" };
    case "text":
      return { content: params.text ?? "", contentType: "text/plain; charset=utf-8" };
    case "form": {
      const form = new URLSearchParams();
      for (const [name, value] of Object.entries(params.form)) {
        for (const item of Array.isArray(value) ? value : [value]) if (item !== null && item !== undefined) form.append(name, textOf(item));
      }
      return { content: form.toString(), contentType: "application/x-www-form-urlencoded" };
    }
  }
}
