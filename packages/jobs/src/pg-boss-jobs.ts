import { randomUUID } from "node:crypto";
import { PgBoss, type Job } from "pg-boss";
import { ActiveJobs } from "./active-jobs.ts";
import { type AnyJob, checkEnqueueOptions, MIN_REDELIVER_AFTER_MS, type Jobs, type JobsOptions, type JobWorker } from "./jobs.ts";

export interface PgBossJobsOptions extends JobsOptions {
  /** Address of a role that owns `schema` and needs nothing else. A direct connection, because LISTEN holds its session. */
  url: string;
  /** PostgreSQL schema that pg-boss keeps its tables in. It exists already. */
  schema: string;
  /** Most connections besides the listening one; 3 by default. */
  maxConnections?: number;
}

/** How often workers look for jobs that no notification tells of: delayed ones and those that are delivered again. */
const POLL_SECONDS = 1;
/** How often dead workers are looked for. */
const SUPERVISE_SECONDS = 5;
const DAY_SECONDS = 24 * 3_600;
/** Handed on to the pool as it is. A dead connection that does not say so holds a job up for this long. */
const POOL = { query_timeout: 20_000 };

/** Jobs in PostgreSQL, by pg-boss. Brings its tables up to date first. */
export async function openPgBossJobs(options: PgBossJobsOptions): Promise<Jobs> {
  const { url, schema, maxConnections = 3, redeliverAfterMs = MIN_REDELIVER_AFTER_MS, onError = () => undefined } = options;
  const boss = new PgBoss({
    connectionString: url, schema, max: maxConnections, application_name: "heddle-jobs", createSchema: false, schedule: false,
    ...POOL, useListenNotify: true, superviseIntervalSeconds: SUPERVISE_SECONDS, monitorIntervalSeconds: SUPERVISE_SECONDS,
  }); // prettier-ignore
  boss.on("error", onError);
  await boss.start();
  const queues = new Map<string, Promise<void>>();
  const workers = new Set<JobWorker>();

  const ensureQueue = async (job: AnyJob): Promise<void> => {
    let made = queues.get(job.id);
    if (made === undefined) {
      made = boss.createQueue(job.id, {
        // At most one job of a key waits; the jobs being worked on are not limited.
        policy: "short", notify: true, retryLimit: job.retries, retryDelay: 1, retryBackoff: true, retryDelayMax: 100,
        heartbeatSeconds: Math.max(10, Math.ceil(redeliverAfterMs / 1_000)), expireInSeconds: 12 * 3_600,
        deleteAfterSeconds: 60, retentionSeconds: 7 * DAY_SECONDS,
      }); // prettier-ignore
      queues.set(job.id, made);
      made.catch(() => queues.delete(job.id));
    }
    await made;
  };

  return {
    enqueue: async (job, payload, enqueue = {}) => {
      checkEnqueueOptions(enqueue);
      const { key = randomUUID(), priority = 0, delayMs = 0 } = enqueue;
      await ensureQueue(job);
      await boss.send(job.id, { payload: job.payload.parse(payload) }, {
        singletonKey: key, priority, ...(delayMs > 0 ? { startAfter: new Date(Date.now() + delayMs) } : {}),
      }); // prettier-ignore
    },

    work: async (job, handler, { concurrency = 1 } = {}) => {
      await ensureQueue(job);
      const active = new ActiveJobs<Job>();
      const handle = async (fetched: Job<{ payload: unknown }>): Promise<void> => {
        try {
          const payload = job.payload.parse(fetched.data.payload);
          await active.track(fetched, (signal) => handler(payload, { attempt: fetched.retryCount, signal }));
        } catch (error) {
          onError(error);
          throw error;
        }
      };
      // One of pg-boss's workers for each job at once: each is told by its id to look again at once after a job.
      const ids = await Promise.all(
        Array.from({ length: concurrency }, async () => {
          const id = await boss.work<{ payload: unknown }>(
            job.id,
            { batchSize: 1, pollingIntervalSeconds: POLL_SECONDS, notifyPollingIntervalSeconds: POLL_SECONDS },
            async (fetched) => {
              boss.notifyWorker(id);
              for (const each of fetched) await handle(each);
            },
          );
          return id;
        }),
      );
      const worker: JobWorker = {
        close: async (drainMs) => {
          workers.delete(worker);
          const stopped = Promise.all(ids.map((id) => boss.offWork(job.id, { id, wait: true })));
          const left = await active.drain(drainMs);
          // Failed means: to be delivered again.
          if (left.length > 0)
            await boss.fail(job.id, left.map(({ id, retryCount }) => ({ id, retryCount }))); // prettier-ignore
          else await stopped;
        },
      };
      workers.add(worker);
      return worker;
    },

    cancel: async (job, key) => {
      await ensureQueue(job);
      const found = await boss.findJobs(job.id, { key, queued: true });
      if (found.length === 0) return false;
      await boss.cancel(job.id, found.map(({ id }) => id)); // prettier-ignore
      return true;
    },

    counts: async (job) => {
      const { rows } = await boss.getDb().executeSql(
        `SELECT count(*) FILTER (WHERE state < 'active' AND start_after <= now())::int AS waiting,
           count(*) FILTER (WHERE state < 'active' AND start_after > now())::int AS delayed,
           count(*) FILTER (WHERE state = 'active')::int AS active,
           coalesce(extract(epoch FROM now() - min(greatest(start_after, created_on)) FILTER (WHERE state < 'active' AND start_after <= now())) * 1000, 0)::float8 AS "oldestMs"
         FROM ${schema}.job WHERE name = $1 AND state <= 'active'`,
        [job.id],
      );
      return rows[0] as Awaited<ReturnType<Jobs["counts"]>>;
    },

    close: async (drainMs = 0) => {
      await Promise.all([...workers].map((worker) => worker.close(drainMs)));
      await boss.stop({ graceful: false });
    },
  };
}
