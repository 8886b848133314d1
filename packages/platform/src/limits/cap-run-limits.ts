import { DEFAULT_MAX_DURATION_MS } from "@heddle/runtime/budget";
import type { RunLimits } from "@heddle/schema";
import type { RunCeilings } from "./plans.ts";

/** A document's own limits, none of them above the workspace's. The same object where there is nothing to lower. */
export function capRunLimits(document: RunLimits, ceilings: RunCeilings): RunLimits {
  let lowered: RunLimits | undefined;
  const lower = (name: keyof RunCeilings, initial: number): void => {
    const ceiling = ceilings[name];
    if (ceiling !== null && ceiling < (document[name] ?? initial)) (lowered ??= {})[name] = ceiling;
  };
  lower("maxTokens", Number.POSITIVE_INFINITY);
  lower("maxCostUsd", Number.POSITIVE_INFINITY);
  lower("maxDurationMs", DEFAULT_MAX_DURATION_MS);
  // Of itself a run may use far more steps inside loops than outside; a ceiling is for all of them.
  lower("maxSteps", Number.POSITIVE_INFINITY);
  return lowered === undefined ? document : { ...document, ...lowered };
}
