import { isIPv4 } from "node:net";
import { HeddleError } from "@heddle/schema";

/**
 * Parses an address to call. Spellings that two parsers could read differently are refused rather than interpreted:
 * backslashes, control characters, user names, IPv4 addresses in any form but four decimal numbers.
 * @throws HeddleError http_blocked
 */
export function parseTargetUrl(text: string, base?: URL): URL {
  if (DECEPTIVE.test(text) || text !== text.trim()) {
    throw blocked("it holds control characters, backslashes, or spaces around it", text);
  }
  const url = URL.parse(text, base?.href);
  if (url === null) throw blocked("it is not a complete address such as https://example.com/path", text);
  if (url.protocol !== "https:" && url.protocol !== "http:") throw blocked("only http and https addresses may be called", text);
  if (url.username !== "" || url.password !== "") {
    throw blocked("it holds a user name or password; use a credential instead", text);
  }
  // Present when the text has a host of its own; a relative redirect takes its base's, which was checked before.
  const authority = /^(?:[a-z][a-z0-9+.-]*:)?\/\/([^/?#]*)/i.exec(text)?.[1];
  if (base === undefined && authority === undefined) throw blocked("it is not a complete address such as https://example.com/path", text);
  if (authority !== undefined && isIPv4(url.hostname) && authority.replace(/:\d*$/, "") !== url.hostname) {
    throw blocked(`it spells the IP address ${url.hostname} in an unusual way`, text);
  }
  return url;
}

/** Control characters anywhere, and backslashes where a parser may read a slash. Beyond `?` they are data. */
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const DECEPTIVE = /[\u0000-\u001f\u007f]|^[^?#]*\\/;

/** The port that a URL leads to, given or implied. */
export function portOf(url: URL): number {
  if (url.port !== "") return Number(url.port);
  return url.protocol === "https:" ? 443 : 80;
}

/** Names the address without what may be secret in it: user names, passwords, queries. */
function blocked(reason: string, text: string): HeddleError {
  const shown = text
    .replace(/[?#].*$/s, "")
    .replace(/\/\/[^/]*@/, "//…@")
    .slice(0, 200);
  return new HeddleError("http_blocked", `The address "${shown}" is refused: ${reason}.`);
}
