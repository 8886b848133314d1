import { HeddleError, type Json, type StepRecord } from "@heddle/schema";
import type { StepAttempt } from "./step-attempt.ts";
import type { StepInside } from "./step-context.ts";

/** Writes a value to the journal as a part of a step, and resolves once it is kept. */
export async function recordInside(
  { run, plan, records }: StepInside,
  part: { key: string; startedAt: number; output: Json },
): Promise<void> {
  const record: StepRecord = {
    key: part.key,
    nodeId: plan.node.id,
    startedAt: part.startedAt,
    durationMs: run.since(part.startedAt),
    attempts: 1,
    status: "completed",
    output: part.output,
    ports: [],
  };
  await new Promise<void>((resolve) => {
    run.journal.append(record, resolve);
  });
  records.set(part.key, record);
}

/** @throws HeddleError what ended the try */
export function throwIfOver(attempt: StepAttempt): void {
  if (attempt.isOver) throw attempt.reason ?? new HeddleError("run_cancelled", "The step has ended.");
}
