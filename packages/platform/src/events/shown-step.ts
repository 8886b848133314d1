import type { Json, StepRecord, ValueFile } from "@heddle/schema";
import { toReference } from "../large-values/large-values.ts";
import { showValue } from "../large-values/show-value.ts";
import { fitsInto, MAX_INLINE_BYTES, toStoredInline, toStoredReference } from "../large-values/stored-value.ts";

/** A step as watchers are told of it: a large output is left out, and said where it is. */
export type ShownStep = StepRecord & { outputFile?: ValueFile };

/** A step as it has just ended. Costs a look at its size where that is small. */
export function showStep(executionId: string, step: StepRecord): ShownStep {
  const { output, state } = step;
  const isStateSmall = state === undefined || fitsInto(MAX_INLINE_BYTES, state as unknown as Json);
  const isOutputSmall = output === undefined || fitsInto(MAX_INLINE_BYTES, output);
  if (isStateSmall && isOutputSmall) return step;
  return showStoredStep(executionId, {
    ...step,
    ...(output === undefined
      ? {}
      : { output: isOutputSmall ? toStoredInline(output) : toStoredReference(toReference(Buffer.from(JSON.stringify(output)))) }),
  } as StepRecord);
}

/** A step as the journal's rows have it. */
export function showStoredStep(executionId: string, step: StepRecord): ShownStep {
  // The new values of the run's state are not what watchers look for, and may be large as well.
  const { state: _, ...shown } = step;
  if (shown.output === undefined) return shown as StepRecord;
  const { value, file } = showValue(executionId, shown.output);
  return { ...shown, output: value, ...(file === undefined ? {} : { outputFile: file }) } as ShownStep;
}
