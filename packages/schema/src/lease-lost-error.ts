/**
 * A write to a run's journal was refused because another owner has the run now, or because it has an outcome already. It
 * wrote nothing. Where copies of this package may have met, its name tells it as surely as its class.
 */
export class LeaseLostError extends Error {
  override readonly name = "LeaseLostError";
  constructor(executionId: string) {
    super(`The execution ${executionId} was taken over by another process or has ended.`);
  }
}
