import { Queue, Worker, type Job } from "bullmq";
import { Redis } from "ioredis";
import { ActiveJobs } from "./active-jobs.ts";
import { type AnyJob, checkEnqueueOptions, MIN_REDELIVER_AFTER_MS, type Jobs, type JobsOptions, type JobWorker } from "./jobs.ts";

export interface BullMqJobsOptions extends JobsOptions {
  /** `redis://…` or `rediss://…` */
  url: string;
  /** Begins the name of everything that is kept in Redis, so that several installations can share one. */
  prefix?: string;
}

interface Data {
  payload: unknown;
}

/** BullMQ takes 0 to 2,097,152 and begins with the lowest; 0 would pass by the sorted ones. */
const LOWEST_FIRST = 1_001;
/** ms after which whoever enqueues is told that Redis is away. */
const ENQUEUE_WITHIN_MS = 2_000;
/** Jobs among which the oldest is looked for. */
const SAMPLE = 1_000;

/** Jobs in Redis, by BullMQ. Does not wait for Redis: while it is away, enqueuing is refused, and workers wait for it. */
export function openBullMqJobs(options: BullMqJobsOptions): Jobs {
  const { url, prefix = "heddle", redeliverAfterMs = MIN_REDELIVER_AFTER_MS, onError = () => undefined } = options;
  const reconnect = { retryStrategy: (times: number) => Math.min(50 * 2 ** times, 1_000), connectTimeout: 2_000 };
  const connection = new Redis(url, { ...reconnect, maxRetriesPerRequest: 1 });
  connection.on("error", onError);
  const queues = new Map<string, Queue<Data>>();
  const workers = new Set<JobWorker>();

  const queueOf = (job: AnyJob): Queue<Data> => {
    let queue = queues.get(job.id);
    if (queue === undefined) {
      queue = new Queue<Data>(job.id, { connection, prefix });
      queue.on("error", onError);
      queues.set(job.id, queue);
      // One that found no Redis at its start stays broken: the next use makes another.
      const made = queue;
      made.waitUntilReady().catch(() => {
        if (queues.get(job.id) === made) queues.delete(job.id);
        void made.close().catch(onError);
      });
    }
    return queue;
  };

  return {
    enqueue: async (job, payload, enqueue = {}) => {
      checkEnqueueOptions(enqueue);
      const { key, priority = 0, delayMs = 0 } = enqueue;
      const added = queueOf(job).add(job.id, { payload: job.payload.parse(payload) }, {
        priority: LOWEST_FIRST - priority, delay: delayMs, attempts: job.retries + 1, backoff: { type: "exponential", delay: 1_000, jitter: 0.5 },
        removeOnComplete: true, removeOnFail: true, ...(key === undefined ? {} : { deduplication: { id: key } }),
      }); // prettier-ignore
      await within(added, ENQUEUE_WITHIN_MS);
    },

    work: async (job, handler, { concurrency = 1 } = {}) => {
      const active = new ActiveJobs<{ job: Job<Data>; token: string | undefined }>();
      // Workers wait for Redis as long as it takes.
      const client = new Redis(url, { ...reconnect, maxRetriesPerRequest: null });
      client.on("error", onError);
      const bull = new Worker<Data>(
        job.id,
        async (taken, token) => {
          // From now on another job with this key may wait.
          await taken.removeDeduplicationKey();
          const payload = job.payload.parse(taken.data.payload);
          await active.track({ job: taken, token }, (signal) => handler(payload, { attempt: taken.attemptsStarted - 1, signal }));
        },
        { connection: client, prefix, concurrency, lockDuration: redeliverAfterMs, stalledInterval: redeliverAfterMs / 2, maxStalledCount: job.retries },
      ); // prettier-ignore
      bull.on("error", onError);
      bull.on("failed", (_, error) => onError(error));
      const worker: JobWorker = {
        close: async (drainMs) => {
          workers.delete(worker);
          await bull.pause(true);
          const left = await active.drain(drainMs);
          await Promise.all(left.map(({ job, token }) => job.moveToWait(token).catch(onError)));
          await bull.close(left.length > 0);
          client.disconnect();
        },
      };
      workers.add(worker);
      return worker;
    },

    cancel: async (job, key) => {
      const queue = queueOf(job);
      const id = await queue.getDeduplicationJobId(key);
      const waiting = id === null ? undefined : await queue.getJob(id);
      if (waiting === undefined) return false;
      // Somebody may have begun to work on it just now; it is locked then.
      return await waiting.remove().then(() => true, async () => !(await waiting.isActive())); // prettier-ignore
    },

    counts: async (job) => {
      const queue = queueOf(job);
      const [counts, next] = await Promise.all([
        queue.getJobCounts("wait", "prioritized", "delayed", "active"),
        queue.getJobs(["wait", "prioritized"], 0, SAMPLE - 1, true),
      ]);
      const oldest = Math.min(Date.now(), ...next.map((each) => each.timestamp + (each.opts.delay ?? 0)));
      const { wait = 0, prioritized = 0, delayed = 0, active = 0 } = counts;
      return { waiting: wait + prioritized, delayed, active, oldestMs: Date.now() - oldest };
    },

    close: async (drainMs = 0) => {
      await Promise.all([...workers].map((worker) => worker.close(drainMs)));
      await Promise.all([...queues.values()].map((queue) => queue.close().catch(onError)));
      connection.disconnect();
    },
  };
}

/** Rejects where it takes longer. What was begun may still be done. */
async function within(work: Promise<unknown>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Redis did not answer within ${ms} ms.`)), ms);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
