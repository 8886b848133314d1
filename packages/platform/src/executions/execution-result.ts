import type { ExecutionResult, RunOutcome } from "@heddle/schema";

/** What execute answers for a run that completed. */
export function executionResultOf(executionId: string, outcome: Extract<RunOutcome, { status: "completed" }>): ExecutionResult {
  return {
    executionId,
    status: "COMPLETED",
    output: outcome.output,
    tokensUsed: outcome.usage.inputTokens + outcome.usage.outputTokens,
    latency: Math.round(outcome.durationMs),
  };
}
