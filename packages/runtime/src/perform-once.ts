import type { Json } from "@heddle/schema";
import { admitValue } from "./admit-value.ts";
import { recordInside, throwIfOver } from "./record-inside.ts";
import type { StepAttempt } from "./step-attempt.ts";
import type { StepInside } from "./step-context.ts";

/**
 * Does a part of a step unless the journal already has its value, be it from an earlier try or an earlier owner of the run.
 * A part that fails is not recorded: the next try does it again.
 */
export async function performOnce<T extends Json>(
  { inside, attempt }: { inside: StepInside; attempt: StepAttempt },
  name: string,
  perform: () => Promise<T>,
): Promise<T> {
  const { run, plan } = inside;
  const key = `${plan.key}/${name}`;
  const recorded = inside.find(key);
  if (recorded?.status === "completed") return recorded.output as T;
  throwIfOver(attempt);

  attempt.parts += 1;
  try {
    const startedAt = run.now();
    const output = admitValue(await perform(), run.budget.maxValueBytes);
    throwIfOver(attempt);
    await recordInside(inside, { key, startedAt, output });
    throwIfOver(attempt);
    return output as T;
  } finally {
    attempt.parts -= 1;
    run.waits.reconsider();
  }
}
