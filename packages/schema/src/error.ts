import type { Problem } from "./problem.ts";

/**
 * Every error code that leaves Heddle, its HTTP status, and whether trying again can help.
 * A code, once published, keeps its meaning.
 */
export const ERROR_CODES = {
  // requests
  invalid_request: { status: 400, retryable: false, title: "The request is not valid" },
  invalid_json: { status: 400, retryable: false, title: "The body is not JSON" },
  unauthenticated: { status: 401, retryable: false, title: "Sign in or send an API key" },
  invalid_credentials: { status: 401, retryable: false, title: "E-mail or password is wrong" },
  forbidden: { status: 403, retryable: false, title: "Your role or key does not allow this" },
  origin_refused: { status: 403, retryable: false, title: "The request came from another site" },
  not_found: { status: 404, retryable: false, title: "Not found" },
  method_not_allowed: { status: 405, retryable: false, title: "The method is not allowed here" },
  conflict: { status: 409, retryable: false, title: "Someone else changed this" },
  email_taken: { status: 409, retryable: false, title: "There is an account with this e-mail" },
  in_use: { status: 409, retryable: false, title: "This is still in use" },
  payload_too_large: { status: 413, retryable: false, title: "The body is too large" },
  unsupported_media_type: { status: 415, retryable: false, title: "The body's type is not accepted here" },
  unprocessable: { status: 422, retryable: false, title: "The request can't be carried out" },
  idempotency_mismatch: { status: 422, retryable: false, title: "The idempotency key was used for another request" },
  quota_exceeded: { status: 402, retryable: false, title: "This month's quota is used up" },
  rate_limited: { status: 429, retryable: true, title: "Too many requests" },
  internal: { status: 500, retryable: true, title: "Something went wrong inside Heddle" },
  unavailable: { status: 503, retryable: true, title: "Heddle can't answer just now" },
  not_configured: { status: 422, retryable: false, title: "This is not configured" },
  // documents and data
  document_invalid: { status: 422, retryable: false, title: "The agent has problems that must be mended first" },
  document_too_new: { status: 422, retryable: false, title: "The agent was saved by a newer Heddle" },
  csv_invalid: { status: 422, retryable: false, title: "The CSV file can't be used" },
  file_invalid: { status: 422, retryable: false, title: "The file can't be used" },
  dataset_too_small: { status: 422, retryable: false, title: "The data set has too few examples" },
  training_failed: { status: 500, retryable: true, title: "Training stopped with an error" },
  // runs
  expression_failed: { status: 422, retryable: false, title: "An expression can't be evaluated" },
  input_invalid: { status: 422, retryable: false, title: "The input does not fit" },
  param_invalid: { status: 422, retryable: false, title: "A node's setting is not valid" },
  output_invalid: { status: 422, retryable: false, title: "A value does not fit its schema" },
  extraction_empty: { status: 422, retryable: false, title: "Nothing matched" },
  step_limit: { status: 422, retryable: false, title: "The run used more steps than it may" },
  iteration_limit: { status: 422, retryable: false, title: "A loop went round more often than it may" },
  jump_limit: { status: 422, retryable: false, title: "The run went back more often than it may" },
  depth_limit: { status: 422, retryable: false, title: "Agents call one another too deep" },
  cost_limit: { status: 422, retryable: false, title: "The run cost more than it may" },
  run_stopped: { status: 422, retryable: false, title: "The agent stopped itself with an error" },
  wait_expired: { status: 422, retryable: false, title: "Nobody answered in time" },
  token_limit: { status: 422, retryable: false, title: "The run used more tokens than it may" },
  file_missing: { status: 410, retryable: false, title: "A stored value is gone" },
  value_too_large: { status: 413, retryable: false, title: "A value is larger than it may be" },
  run_timeout: { status: 504, retryable: false, title: "The run took longer than it may" },
  step_timeout: { status: 504, retryable: true, title: "A node took longer than it may" },
  run_cancelled: { status: 409, retryable: false, title: "The run was cancelled" },
  crash_loop: { status: 500, retryable: false, title: "The run kept stopping the processes that ran it" },
  code_failed: { status: 422, retryable: false, title: "The code threw an error" },
  code_timeout: { status: 504, retryable: false, title: "The code took longer than it may" },
  code_out_of_memory: { status: 422, retryable: false, title: "The code used more memory than it may" },
  // the outside world
  http_blocked: { status: 422, retryable: false, title: "This address may not be called" },
  http_failed: { status: 502, retryable: true, title: "The server could not be reached" },
  http_status: { status: 502, retryable: false, title: "The server answered with an error" },
  provider_not_connected: { status: 422, retryable: false, title: "No model is connected" },
  provider_unauthorized: { status: 502, retryable: false, title: "The model provider refused the key" },
  provider_rate_limited: { status: 429, retryable: true, title: "The model provider is rate limiting" },
  provider_overloaded: { status: 502, retryable: true, title: "The model provider had an error" },
  provider_rejected: { status: 502, retryable: false, title: "The model provider rejected the request" },
  provider_unreachable: { status: 502, retryable: true, title: "The model provider could not be reached" },
  provider_invalid_response: { status: 502, retryable: true, title: "The model provider's answer could not be read" },
} as const satisfies Record<string, { status: number; retryable: boolean; title: string }>;

export type ErrorCode = keyof typeof ERROR_CODES;

export interface HeddleErrorOptions {
  /** For programs: shape depends on the code; must hold no secret. */
  details?: Record<string, unknown>;
  /** How to mend it, one sentence. */
  hint?: string;
  problems?: Problem[];
  /** Overrides the code's own class. */
  retryable?: boolean;
  /** From a Retry-After header, in ms. */
  retryAfterMs?: number;
  cause?: unknown;
}

/** The one error class that crosses package boundaries. `message` is written for people. */
export class HeddleError extends Error {
  override readonly name = "HeddleError";
  readonly code: ErrorCode;
  readonly details: Record<string, unknown> | undefined;
  readonly hint: string | undefined;
  readonly problems: Problem[] | undefined;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, message: string, options: HeddleErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.details = options.details;
    this.hint = options.hint;
    this.problems = options.problems;
    this.retryable = options.retryable ?? ERROR_CODES[code].retryable;
    this.retryAfterMs = options.retryAfterMs;
  }

  /** HTTP status of the code. */
  get status(): number {
    return ERROR_CODES[this.code].status;
  }
}

/** An error as it is stored in journals and sent in events: no stack, no cause. */
export interface ErrorInfo {
  code: ErrorCode;
  message: string;
  hint?: string;
  nodeId?: string;
  details?: Record<string, unknown>;
  /** Whether trying again can help, where that is not what the code says. */
  retryable?: boolean;
  /** How long the other side asked to be left alone, in ms. */
  retryAfterMs?: number;
}

/** Whether trying again can help. */
export function isRetryable({ code, retryable }: Pick<ErrorInfo, "code" | "retryable">): boolean {
  return retryable ?? ERROR_CODES[code].retryable;
}

/** Turns anything thrown into {@link ErrorInfo}. What is not a HeddleError becomes `internal` and keeps no text of its own. */
export function toErrorInfo(error: unknown, nodeId?: string): ErrorInfo {
  const known = error instanceof HeddleError ? error : undefined;
  return {
    code: known?.code ?? "internal",
    message: known?.message ?? "Something went wrong inside Heddle. The server's log has the details.",
    ...(known?.hint === undefined ? {} : { hint: known.hint }),
    ...(nodeId === undefined ? {} : { nodeId }),
    ...(known?.details === undefined ? {} : { details: known.details }),
    ...(known === undefined || known.retryable === ERROR_CODES[known.code].retryable ? {} : { retryable: known.retryable }),
    ...(known?.retryAfterMs === undefined ? {} : { retryAfterMs: known.retryAfterMs }),
  };
}
