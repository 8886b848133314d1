/** Where a process can be told to die, to show that nothing is lost there. In the order of a run's life. */
export const CHECKPOINTS = [
  "accepted",
  "tick-fired",
  "claimed",
  "steps-recorded",
  "suspended",
  "wait-resolved",
  "retry-scheduled",
  "before-outcome",
  "outcome-committed",
  "landed",
  "dead-lettered",
  "outbox-handed-on",
  "webhook-sent",
] as const;
export type Checkpoint = (typeof CHECKPOINTS)[number];

let lethal: Checkpoint | undefined;

/** From now on this process kills itself, as `kill -9` does, where it reaches the checkpoint. For tests alone. */
export function dieAt(checkpoint: Checkpoint): void {
  lethal = checkpoint;
}

/** Marks a place that a process may not outlive. */
export function reach(checkpoint: Checkpoint): void {
  if (lethal === checkpoint) process.kill(process.pid, "SIGKILL");
}
