import type { ResolvedCredential } from "@heddle/node-kit";
import { HeddleError, isRecord, type Json } from "@heddle/schema";
import type { HttpAnswer } from "./read-response.ts";

/**
 * Puts a credential into the headers, if it may be sent to the address.
 * @throws HeddleError http_blocked when the host is not one of the credential's, param_invalid for a kind that signs no requests
 */
export function authorize(headers: Record<string, string>, credential: ResolvedCredential, url: URL): void {
  if (!credential.allowedHosts.some((allowed) => covers(allowed, url))) {
    throw new HeddleError("http_blocked", `The credential may not be sent to ${url.host}.`, {
      hint:
        credential.allowedHosts.length === 0
          ? "Add the host to the credential's list of hosts."
          : `It may be sent to ${credential.allowedHosts.join(", ")}. Add the host to its list, or choose another credential.`,
    });
  }
  const { fields } = credential;
  switch (credential.type) {
    case "http-bearer":
      headers["authorization"] = `Bearer ${fields["token"] ?? ""}`;
      return;
    case "http-basic":
      headers["authorization"] = `Basic ${base64(new TextEncoder().encode(`${fields["username"] ?? ""}:${fields["password"] ?? ""}`))}`;
      return;
    case "http-header":
      headers[(fields["header"] ?? "").toLowerCase()] = fields["value"] ?? "";
      return;
    default:
      throw new HeddleError("param_invalid", "A credential of this kind can't sign web requests.", {
        hint: "Choose a bearer token, a user and password, or a secret header.",
      });
  }
}

/** `example.com` covers itself, `*.example.com` all below it; a port in the entry must be the address's. */
function covers(allowed: string, url: URL): boolean {
  const entry = allowed.trim().toLowerCase();
  const [, name = "", port] = /^(.*?)(?::(\d+))?$/.exec(entry) ?? [];
  if (port !== undefined && port !== (url.port || (url.protocol === "https:" ? "443" : "80"))) return false;
  return name.startsWith("*.") ? url.hostname.endsWith(name.slice(1)) : name !== "" && url.hostname === name;
}

const CONCEALED = "•••";
/** Shorter secrets would blot out ordinary words. */
const MIN_CONCEALED_LENGTH = 6;

/** Blots out the credential's values where a server echoes what it was sent, so that no trace keeps them. */
export function concealSecrets(answer: HttpAnswer, credential: ResolvedCredential | undefined): HttpAnswer {
  if (credential === undefined) return answer;
  const plain = Object.entries(credential.fields).filter(([name]) => name !== "header" && name !== "username");
  const encoded =
    credential.type === "http-basic"
      ? [base64(new TextEncoder().encode(`${credential.fields["username"] ?? ""}:${credential.fields["password"] ?? ""}`))]
      : [];
  const secrets = [...plain.map(([, value]) => value), ...encoded].filter((value) => value.length >= MIN_CONCEALED_LENGTH);
  const conceal = (text: string): string => secrets.reduce((concealed, secret) => concealed.replaceAll(secret, CONCEALED), text);
  const concealAll = (value: Json): Json => {
    if (typeof value === "string") return conceal(value);
    if (Array.isArray(value)) return value.map(concealAll);
    if (isRecord(value)) return Object.fromEntries(Object.entries(value).map(([name, item]) => [conceal(name), concealAll(item as Json)]));
    return value;
  };
  return secrets.length === 0 ? answer : (concealAll(answer) as HttpAnswer);
}

/** Base64 by what every runtime has, edge ones included. */
export function base64(bytes: Uint8Array): string {
  let binary = "";
  for (let start = 0; start < bytes.length; start += 8_192) binary += String.fromCharCode(...bytes.subarray(start, start + 8_192));
  return btoa(binary);
}
