import { HeddleError } from "@heddle/schema";

/** Turns what undici, DNS or TLS throws into a HeddleError; what already is one, and aborts, pass unchanged. */
export function transportError(error: unknown, url: URL, signal?: AbortSignal | null): unknown {
  if (signal?.aborted === true) return signal.reason;
  const known = findHeddleError(error);
  if (known !== undefined) return known;
  const code = codeOf(error);
  const [message, retryable] = MESSAGES[code] ?? describe(code);
  return new HeddleError("http_failed", `${url.origin} could not be reached: ${message}.`, {
    retryable,
    cause: error,
    details: { origin: url.origin, reason: code },
  });
}

function describe(code: string): [string, boolean] {
  if (/^ERR_TLS|CERT|SIGNATURE|SELF_SIGNED/.test(code)) return [`its certificate can't be trusted (${code})`, false];
  if (/^Z_|BROTLI|ZSTD/.test(code)) return ["its compressed answer is damaged", true];
  return [code === "" ? "the connection failed" : `the connection failed (${code})`, true];
}

/** By error code: the rest of the sentence, and whether another try can help. */
const MESSAGES: Record<string, [string, boolean]> = {
  ENOTFOUND: ["no server has this name", false],
  EAI_AGAIN: ["the name could not be looked up just now", true],
  ECONNREFUSED: ["nothing listens there", true],
  ECONNRESET: ["the server closed the connection", true],
  EPIPE: ["the server closed the connection", true],
  EHOSTUNREACH: ["there is no way to that network", true],
  ENETUNREACH: ["there is no way to that network", true],
  ETIMEDOUT: ["it did not answer in time", true],
  UND_ERR_CONNECT_TIMEOUT: ["it did not answer in time", true],
  UND_ERR_HEADERS_TIMEOUT: ["it did not answer in time", true],
  UND_ERR_BODY_TIMEOUT: ["its answer stopped halfway", true],
  UND_ERR_SOCKET: ["the server closed the connection", true],
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: ["its answer stopped halfway", true],
  UND_ERR_INVALID_ARG: ["the request's method or headers are not valid", false],
  UND_ERR_HEADERS_OVERFLOW: ["its headers are too long", false],
};

function findHeddleError(error: unknown): HeddleError | undefined {
  for (let current = error, depth = 0; current instanceof Error && depth < 5; current = current.cause, depth++) {
    if (current instanceof HeddleError) return current;
    const nested = current instanceof AggregateError ? current.errors.find((inner) => inner instanceof HeddleError) : undefined;
    if (nested instanceof HeddleError) return nested;
  }
  return undefined;
}

function codeOf(error: unknown): string {
  for (let current = error, depth = 0; current instanceof Error && depth < 5; current = current.cause, depth++) {
    const code = (current as NodeJS.ErrnoException).code;
    if (typeof code === "string") return code;
    if (current instanceof AggregateError && current.errors.length > 0) return codeOf(current.errors[0]);
  }
  return "";
}
