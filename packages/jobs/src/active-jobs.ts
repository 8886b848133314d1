/** The jobs that one worker is on, so that it can be drained. */
export class ActiveJobs<T> {
  readonly #active = new Map<T, { controller: AbortController; settled: Promise<unknown> }>();

  /** Counts a job as being worked on for as long as its handler takes. */
  async track(job: T, handle: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const controller = new AbortController();
    const handled = handle(controller.signal);
    this.#active.set(job, { controller, settled: handled.catch(() => undefined) });
    try {
      await handled;
    } finally {
      this.#active.delete(job);
    }
  }

  /** Waits for the handlers, at most for the time given (ms). @returns the jobs that are left, their handlers told to stop */
  async drain(withinMs: number): Promise<T[]> {
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise((resolve) => (timer = setTimeout(resolve, withinMs)));
    await Promise.race([Promise.all([...this.#active.values()].map((job) => job.settled)), deadline]);
    clearTimeout(timer);
    const left = [...this.#active.keys()];
    for (const { controller } of this.#active.values()) controller.abort(new Error("The worker is closing."));
    return left;
  }
}
