import { isDatabaseUnavailable } from "@heddle/platform";
import { ERROR_CODES, HeddleError, type ErrorInfo, type Problem, type ProblemDocument } from "@heddle/schema";
import { z } from "zod";
import { issueMessage } from "./issue-message.ts";

/** RFC 9457 problem document of anything thrown. What is not a HeddleError keeps no text of its own. */
export function toProblemDocument(error: unknown, extra: { instance?: string; executionId?: string } = {}): ProblemDocument {
  const known = toHeddleError(error);
  return {
    ...describe(known.code),
    detail: known.message,
    ...(known.hint === undefined ? {} : { hint: known.hint }),
    ...(known.problems === undefined ? {} : { problems: known.problems }),
    ...(known.details === undefined ? {} : { details: known.details }),
    ...extra,
  };
}

/** Problem document of a run that failed. */
export function runProblem(error: ErrorInfo, executionId: string): ProblemDocument {
  return {
    ...describe(error.code),
    detail: error.message,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    ...(error.details === undefined && error.nodeId === undefined
      ? {}
      : { details: { ...error.details, ...(error.nodeId === undefined ? {} : { nodeId: error.nodeId }) } }),
    executionId,
  };
}

/** The answer that carries a problem document. */
export function problemResponse(problem: ProblemDocument, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(problem), {
    status: problem.status,
    headers: { "content-type": "application/problem+json", ...headers },
  });
}

/** Gives every error a code: refused input, a database that is down, and the rest, which is ours to mend. */
export function toHeddleError(error: unknown): HeddleError {
  if (error instanceof HeddleError) return error;
  if (error instanceof z.ZodError) return invalidRequest(error);
  if (isDatabaseUnavailable(error)) {
    return new HeddleError("unavailable", "Heddle can't reach its database just now. Try again in a moment.", { cause: error });
  }
  if (isUnstorableText(error))
    return new HeddleError("invalid_request", "A text holds the character NUL, which can't be stored.", { cause: error });
  return new HeddleError("internal", "Something went wrong inside Heddle. The server's log has the details.", { cause: error });
}

/** An `invalid_request` that lists every field that zod refused. */
export function invalidRequest(error: z.ZodError, at = ""): HeddleError {
  const problems = flatten(error.issues, at === "" ? [] : [at]).slice(0, 100);
  const [first] = problems;
  const message = first === undefined ? "The request is not valid." : `${first.field ? `${first.field}: ` : ""}${first.message}`;
  return new HeddleError("invalid_request", message, { problems });
}

/** Union errors hide the useful issues one level down: the branch that got furthest is what the sender meant. */
function flatten(issues: readonly z.core.$ZodIssue[], prefix: PropertyKey[]): Problem[] {
  return issues.flatMap((issue): Problem[] => {
    const path = [...prefix, ...issue.path];
    if (issue.code === "invalid_union" && issue.errors.length > 0) {
      const [closest] = issue.errors.map((branch) => flatten(branch, path)).toSorted((a, b) => weigh(a) - weigh(b));
      if (closest && closest.length > 0) return closest;
    }
    return [{ code: issue.code, severity: "error", message: issueMessage(issue), field: path.map(String).join(".") }];
  });
}

function weigh(problems: Problem[]): number {
  return problems.reduce(
    (sum, problem) => sum + (problem.code === "unrecognized_keys" ? 10 : 1) / (problem.field ?? "").split(".").length,
    0,
  );
}

function describe(code: HeddleError["code"]): Pick<ProblemDocument, "type" | "title" | "status" | "code"> {
  const { title, status } = ERROR_CODES[code];
  return { type: `/docs/errors#${code}`, title, status, code };
}

/** PostgreSQL keeps no NUL in texts and says so by this code; its drivers wrap that in errors of their own. */
function isUnstorableText(error: unknown): boolean {
  for (let current = error, depth = 0; current instanceof Error && depth < 5; current = current.cause, depth++) {
    if ((current as { code?: unknown }).code === "22021" || /invalid byte sequence for encoding|\b22021\b/.test(current.message))
      return true;
  }
  return false;
}
