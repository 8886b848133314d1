import type { Actor } from "@heddle/platform/access/actor";
import { HeddleError, type ErrorCode, type ProblemDocument } from "@heddle/schema";
import { initTRPC, TRPCError, type TRPC_ERROR_CODE_KEY } from "@trpc/server";
import type { ApiContext } from "../context.ts";
import { toHeddleError, toProblemDocument } from "../http/problem.ts";

export interface TrpcContext extends ApiContext {
  /** Undefined for the anonymous. The pages sign in by session; API keys use REST. */
  actor: Actor | undefined;
  clientAddress: string;
  request: Request;
}

const trpc = initTRPC.context<TrpcContext>().create({
  // The pages show the same problem documents as REST answers.
  errorFormatter: ({ shape, error }) => ({
    ...shape,
    message: problemOf(error).detail,
    data: { httpStatus: shape.data.httpStatus, path: shape.data.path, code: shape.data.code, problem: problemOf(error) },
  }),
});

export const router = trpc.router;

/** A procedure for people who are signed in. What it throws keeps its code, and leaves as a problem document. */
export const procedure = trpc.procedure.use(async ({ ctx, next }) => {
  if (!ctx.actor) throw toTrpcError(new HeddleError("unauthenticated", "Sign in first."));
  const result = await next({ ctx: { ...ctx, actor: ctx.actor } });
  if (!result.ok && result.error.cause instanceof Error && !(result.error.cause instanceof TRPCError)) {
    throw toTrpcError(toHeddleError(result.error.cause));
  }
  return result;
});

/** The problem document of a procedure's error. */
export function problemOf(error: TRPCError): ProblemDocument {
  if (error.cause !== undefined) return toProblemDocument(error.cause);
  return toProblemDocument(error.code === "NOT_FOUND" ? new HeddleError("not_found", "There is no such procedure.") : refused(error));
}

function refused(error: TRPCError): HeddleError {
  const code = (Object.entries(CODES).find(([, value]) => value === error.code)?.[0] ?? "invalid_request") as ErrorCode;
  return new HeddleError(error.code === "INTERNAL_SERVER_ERROR" ? "internal" : code, error.message);
}

function toTrpcError(error: HeddleError): TRPCError {
  return new TRPCError({ code: CODES[error.code] ?? codeOfStatus(error.status), message: error.message, cause: error });
}

const CODES: Partial<Record<ErrorCode, TRPC_ERROR_CODE_KEY>> = {
  invalid_json: "PARSE_ERROR",
  unsupported_media_type: "UNSUPPORTED_MEDIA_TYPE",
  method_not_allowed: "METHOD_NOT_SUPPORTED",
};

function codeOfStatus(status: number): TRPC_ERROR_CODE_KEY {
  const known: Record<number, TRPC_ERROR_CODE_KEY> = {
    400: "BAD_REQUEST",
    401: "UNAUTHORIZED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    409: "CONFLICT",
    413: "PAYLOAD_TOO_LARGE",
    422: "UNPROCESSABLE_CONTENT",
    429: "TOO_MANY_REQUESTS",
    502: "BAD_GATEWAY",
    503: "SERVICE_UNAVAILABLE",
    504: "GATEWAY_TIMEOUT",
  };
  return known[status] ?? "INTERNAL_SERVER_ERROR";
}
