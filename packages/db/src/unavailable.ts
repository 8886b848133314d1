const CODES = new Set([
  // the socket
  "ECONNREFUSED",
  "ECONNRESET",
  "ENOENT",
  "ENOTFOUND",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "EAI_AGAIN",
  // PostgreSQL: connection exceptions, shutting down, starting, its disk or memory full, too many connections
  "08000",
  "08001",
  "08003",
  "08004",
  "08006",
  "57P01",
  "57P02",
  "57P03",
  "53000",
  "53100",
  "53200",
  "53300",
  // Prisma: unreachable, timed out, connection closed, no connection free
  "P1001",
  "P1002",
  "P1008",
  "P1017",
  "P2024",
  "P2028",
]);
const MESSAGES =
  /timeout exceeded when trying to connect|Query read timeout|Connection terminated|Client has encountered a connection error|Server has closed the connection|DatabaseNotReachable|ConnectionClosed/;

/** Whether an error means that the database can't be reached just now, so that trying again later can help. */
export function isDatabaseUnavailable(error: unknown): boolean {
  for (let current = error, depth = 0; current instanceof Error && depth < 5; current = current.cause, depth += 1) {
    const { code } = current as { code?: unknown };
    if (typeof code === "string" && CODES.has(code)) return true;
    if (MESSAGES.test(current.message)) return true;
  }
  return false;
}
