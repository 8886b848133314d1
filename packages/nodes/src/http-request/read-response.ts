import type { HttpResponse } from "@heddle/node-kit";
import { HeddleError, type Json } from "@heddle/schema";
import { base64 } from "./authorize.ts";

/** The node's output. */
export type HttpAnswer = { status: number; ok: boolean; headers: Record<string, string>; body: Json; url: string };

/** Reads an answer as it was asked for; `auto` goes by its content type. @throws HeddleError output_invalid when JSON was asked for and it is not */
export function readResponse(response: HttpResponse, kind: "auto" | "json" | "text" | "base64"): HttpAnswer {
  const headers = Object.fromEntries(Object.entries(response.headers).map(([name, value]) => [name.toLowerCase(), value]));
  const ok = response.status >= 200 && response.status < 300;
  return {
    status: response.status,
    ok,
    headers,
    body: readBody(response, { kind, contentType: headers["content-type"] ?? "", ok }),
    url: response.url,
  };
}

const TEXT_TYPE = /^text\/|[/+](?:xml|yaml|csv|javascript|x-www-form-urlencoded)\b/i;
const JSON_TYPE = /[/+](?:json|x-ndjson)\b/i;

function readBody({ body }: HttpResponse, options: { kind: "auto" | "json" | "text" | "base64"; contentType: string; ok: boolean }): Json {
  const { kind, contentType, ok } = options;
  if (body.length === 0) return null;
  if (kind === "base64") return base64(body);
  if (kind === "text") return decode(body, contentType);
  if (kind === "json" || JSON_TYPE.test(contentType)) {
    const text = decode(body, contentType);
    try {
      return JSON.parse(text) as Json;
    } catch (cause) {
      // An error page is no reason to hide the status behind a complaint about JSON.
      if (kind === "auto" || !ok) return text;
      throw new HeddleError("output_invalid", "The server's answer is not JSON.", { details: { beginning: text.slice(0, 200) }, cause });
    }
  }
  if (contentType === "" || TEXT_TYPE.test(contentType)) return decode(body, contentType);
  return base64(body);
}

function decode(body: Uint8Array, contentType: string): string {
  const charset = /charset="?([\w-]+)/i.exec(contentType)?.[1] ?? "utf-8";
  try {
    return new TextDecoder(charset).decode(body);
  } catch {
    return new TextDecoder().decode(body);
  }
}
