import type { Json, PendingWait, WaitRequest, WaitResolution } from "@heddle/schema";
import { recordInside, throwIfOver } from "./record-inside.ts";
import type { StepAttempt } from "./step-attempt.ts";
import type { StepInside } from "./step-context.ts";

/**
 * Lets a step wait. What it asked for the first time is recorded and stays: its time does not begin anew with a resume.
 */
export async function awaitResolution(inside: StepInside, attempt: StepAttempt, request: WaitRequest): Promise<WaitResolution> {
  const { run, plan } = inside;
  throwIfOver(attempt);
  const key = `${plan.key}/wait`;
  const recorded = inside.find(key);
  inside.noteWait(recorded?.startedAt ?? run.now());
  const early = run.waits.resolutionOf(plan.key);
  if (early !== undefined) return early;

  const isKnown = recorded?.status === "completed";
  const wait = isKnown ? (recorded.output as unknown as PendingWait) : { ...request, key: plan.key, nodeId: plan.node.id };
  if (!isKnown) {
    await recordInside(inside, { key, startedAt: run.now(), output: wait as unknown as Json });
    throwIfOver(attempt);
  }
  attempt.isWaiting = true;
  inside.rest();
  // At once and not when this goes on: until then the step would seem to do nothing but wait.
  const left = (): void => {
    attempt.isWaiting = false;
    inside.wake();
  };
  return await run.waits.open(wait, { signal: attempt.signal, left });
}
