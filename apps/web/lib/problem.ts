import type { ProblemDocument } from "@heddle/schema";

/** An error answer of the API, thrown by everything here that speaks REST. */
export class ProblemError extends Error {
  override readonly name = "ProblemError";
  readonly problem: ProblemDocument;
  constructor(problem: ProblemDocument) {
    super(problem.detail);
    this.problem = problem;
  }
}

const UNREACHABLE: ProblemDocument = {
  type: "about:blank",
  title: "Heddle can't be reached",
  status: 0,
  detail: "The server did not answer.",
  code: "unavailable",
  hint: "Check your connection and that Heddle is running, then try again.",
};

/** Whatever was thrown, as a problem document: from tRPC, from REST, from a broken connection, or from the page itself. */
export function toProblem(error: unknown): ProblemDocument {
  if (error instanceof ProblemError) return error.problem;
  if (isProblem(error)) return error;
  const data = read(error, "data");
  const carried = read(data, "problem");
  if (isProblem(carried)) return carried;
  const status = read(data, "httpStatus");
  const message = error instanceof Error ? error.message : String(error);
  if (typeof status === "number") {
    return { type: "about:blank", title: "The request failed", status, detail: message, code: codeOf(read(data, "code"), status) };
  }
  if (error instanceof TypeError && /fetch|network|load failed/i.test(message)) return UNREACHABLE;
  if (read(error, "name") === "TRPCClientError")
    return /fetch|network|load failed|JSON/i.test(message) ? UNREACHABLE : { ...UNREACHABLE, title: "The request failed", detail: message };
  return {
    type: "about:blank",
    title: "Something went wrong on this page",
    status: 0,
    detail: message,
    code: "internal",
    hint: "Reload the page. If it happens again, the browser's console has the details.",
  };
}

/** The error answer of a REST call. */
export async function problemOf(response: { status: number; json: () => Promise<unknown> }): Promise<ProblemError> {
  const body: unknown = await response.json().catch(() => undefined);
  if (isProblem(body)) return new ProblemError(body);
  return new ProblemError({ ...UNREACHABLE, status: response.status, detail: `The server answered with status ${response.status}.` });
}

/** True where signing in again is what helps. */
export function isSignedOut(error: unknown): boolean {
  return toProblem(error).status === 401;
}

function isProblem(value: unknown): value is ProblemDocument {
  return typeof read(value, "code") === "string" && typeof read(value, "detail") === "string" && typeof read(value, "status") === "number";
}

function read(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[key] : undefined;
}

function codeOf(code: unknown, status: number): string {
  if (status === 401) return "unauthenticated";
  return typeof code === "string" ? code.toLowerCase() : "internal";
}
