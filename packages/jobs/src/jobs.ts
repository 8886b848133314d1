import type { z } from "zod";

/** A kind of job: its name in the queue and what a job of it carries. Declared once, beside the handler's domain. */
export interface JobDefinition<T> {
  /** Kebab-case and unique among all jobs; it names the queue. */
  readonly id: string;
  readonly payload: z.ZodType<T>;
  /** How often a job whose handler threw, or whose worker died, is delivered again before it is given up. */
  readonly retries: number;
}

/** A job of whatever payload. */
export type AnyJob = Pick<JobDefinition<unknown>, "id" | "retries">;

export interface EnqueueOptions {
  /** At most one job with this key waits. While one is being worked on, another one may wait. */
  key?: string;
  /** From -1,000 to 1,000; higher ones are delivered first. 0 by default. */
  priority?: number;
  /** ms before it may be delivered; found by workers within a second after that. */
  delayMs?: number;
}

/** What a handler is told besides the payload. */
export interface JobContext {
  /** Deliveries before this one. */
  attempt: number;
  /** Aborted when the worker closes and the time to drain is over; the job is delivered again, to another worker. */
  signal: AbortSignal;
}

export type JobHandler<T> = (payload: T, context: JobContext) => Promise<void>;

export interface WorkOptions {
  /** Jobs worked on at once by this worker; 1 by default. */
  concurrency?: number;
}

/** A worker of this process. */
export interface JobWorker {
  /** Takes no new jobs, lets those being worked on end within the time given (ms), and hands the rest back. */
  close(drainMs: number): Promise<void>;
}

/** What waits in a queue. */
export interface JobCounts {
  /** May be delivered now. */
  waiting: number;
  /** May be delivered later. */
  delayed: number;
  /** Being worked on. */
  active: number;
  /** Age of the oldest one that may be delivered now, ms; 0 where there is none. */
  oldestMs: number;
}

/**
 * A queue of jobs between processes. Jobs are hints: a queue may lose all of them at once (an emptied Redis) and deliver
 * one of them twice (a worker that died), so whoever enqueues keeps the truth elsewhere and sends hints again for what is
 * still due. The drivers pass one suite, `jobs-conformance.ts` in packages/testing.
 */
export interface Jobs {
  /** Resolves once the job waits, or one with its key does already. @throws where the queue can't be reached */
  enqueue<T>(job: JobDefinition<T>, payload: T, options?: EnqueueOptions): Promise<void>;
  /** Begins to work. A handler that throws gets its job again, later each time. */
  work<T>(job: JobDefinition<T>, handler: JobHandler<T>, options?: WorkOptions): Promise<JobWorker>;
  /** Takes back the job that waits under a key. @returns whether there was one; one that is being worked on is left alone */
  cancel(job: AnyJob, key: string): Promise<boolean>;
  counts(job: AnyJob): Promise<JobCounts>;
  /** Closes the workers that are left, and the connections. */
  close(drainMs?: number): Promise<void>;
}

/** Settings that every driver takes. */
export interface JobsOptions {
  /** How long after a worker's last sign of life its jobs are delivered to others, ms. At least 10,000, which is the default. */
  redeliverAfterMs?: number;
  /** Hears of faults that no caller is told of: a connection that broke, a handler that threw. */
  onError?: (error: unknown) => void;
}

/** Declares a kind of job. */
export function defineJob<T>(job: { id: string; payload: z.ZodType<T>; retries?: number }): JobDefinition<T> {
  if (!/^[a-z][a-z-]{0,40}$/.test(job.id)) throw new Error(`"${job.id}" can't name a job: use lower-case letters and hyphens.`);
  return { retries: 5, ...job };
}

/** The least that drivers accept for {@link JobsOptions.redeliverAfterMs}: pg-boss watches no closer. */
export const MIN_REDELIVER_AFTER_MS = 10_000;

/** Checks what would otherwise be refused by only one of the drivers. @throws RangeError */
export function checkEnqueueOptions({ priority = 0, delayMs = 0 }: EnqueueOptions): void {
  if (!Number.isInteger(priority) || Math.abs(priority) > 1_000)
    throw new RangeError("A job's priority is a whole number from -1,000 to 1,000.");
  if (!Number.isFinite(delayMs) || delayMs < 0) throw new RangeError("A job's delay is a number of ms, 0 or more.");
}
