import { HeddleError, type Json, type StepRecord } from "@heddle/schema";
import { admitValue } from "./admit-value.ts";
import type { StepInside } from "./step-context.ts";

/**
 * Does a part of a step unless the journal already has its value, be it from an earlier try or an earlier owner of the run.
 * A part that fails is not recorded: the next try does it again.
 */
export async function performOnce<T extends Json>({ run, plan, attempt }: StepInside, name: string, perform: () => Promise<T>): Promise<T> {
  const key = `${plan.key}/${name}`;
  const recorded = run.journal.find(key);
  if (recorded?.status === "completed") return recorded.output as T;
  throwIfOver(attempt);

  const startedAt = run.now();
  const output = admitValue(await perform(), run.budget.maxValueBytes);
  throwIfOver(attempt);
  const record: StepRecord = {
    key,
    nodeId: plan.node.id,
    startedAt,
    durationMs: run.since(startedAt),
    attempts: 1,
    status: "completed",
    output,
    ports: [],
  };
  await new Promise<void>((resolve) => {
    run.journal.append(record, resolve);
  });
  throwIfOver(attempt);
  return output as T;
}

function throwIfOver(attempt: StepInside["attempt"]): void {
  if (attempt.isOver) throw attempt.reason ?? new HeddleError("run_cancelled", "The step has ended.");
}
