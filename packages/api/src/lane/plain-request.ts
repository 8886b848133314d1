/** The head of a POST in the plainest form there is. */
export interface PlainHead {
  readonly method: "POST";
  /** As it was sent. */
  readonly url: string;
  /** By names in small letters; each was sent once. */
  readonly headers: Readonly<Record<string, string>>;
  /** What was sent, up to and with the empty line. */
  readonly bytes: Buffer;
  /** Bytes of the body. */
  readonly length: number;
}

/** Longer heads are for Node's parser. */
const MAX_HEAD_BYTES = 8_192;
const END = "\r\n\r\n";
const REQUEST_LINE = /^POST (\/[\w\-./]*) HTTP\/1\.1$/;
const NAME = /^[!#$%&'*+\-.^`|~\w]+$/;
const VALUE = /^[\t\x20-\x7e]*$/;
const LENGTH = /^\d{1,7}$/;
/** What says how a request is framed, or wants something of the connection. */
const UNUSUAL = new Set(["transfer-encoding", "trailer", "te", "upgrade", "expect", "proxy-connection"]);

/**
 * Reads the head that bytes begin with, if it is one of a POST in the plainest form: HTTP/1.1, a path without query, each
 * header once and in printable ASCII, a Host, a Content-Length, a connection that stays open. Undefined for everything
 * else, right or wrong or not there yet, which Node's own parser is to judge. What is read here is a part of RFC 9112 that
 * no two parsers read differently.
 *
 * @param previous what came before on the connection. Clients mostly send the same again, and comparing costs less.
 */
export function readPlainHead(bytes: Buffer, previous: PlainHead | undefined): PlainHead | undefined {
  if (previous !== undefined && beginsWith(bytes, previous.bytes)) return previous;
  const end = bytes.indexOf(END);
  if (end < 0 || end > MAX_HEAD_BYTES) return undefined;
  const [first = "", ...lines] = bytes.toString("latin1", 0, end).split("\r\n");
  const url = REQUEST_LINE.exec(first)?.[1];
  if (url === undefined) return undefined;
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(0, colon)).toLowerCase();
    const value = line.slice(colon + 1);
    if (!NAME.test(name) || !VALUE.test(value) || UNUSUAL.has(name) || name in headers) return undefined;
    headers[name] = value.trim();
  }
  const { host = "", connection = "keep-alive", "content-length": length = "" } = headers;
  if (host === "" || connection.toLowerCase() !== "keep-alive" || !LENGTH.test(length)) return undefined;
  // Copied: a part of what was received would keep all of it.
  return { method: "POST", url, headers, bytes: Buffer.from(bytes.subarray(0, end + END.length)), length: Number(length) };
}

function beginsWith(bytes: Buffer, head: Buffer): boolean {
  return bytes.byteLength >= head.byteLength && bytes.compare(head, 0, head.byteLength, 0, head.byteLength) === 0;
}
