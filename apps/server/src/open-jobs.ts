import { type DatabaseUrls, JOBS_SCHEMA } from "@heddle/db";
import type { Jobs } from "@heddle/jobs";
import type { ServerConfig } from "./config.ts";
import type { Logger } from "./logger.ts";

/** Opens the queue of hints: in Redis where there is one, else in PostgreSQL. Only the driver in use is loaded. */
export async function openJobs({ redisUrl }: ServerConfig, urls: DatabaseUrls, logger: Logger): Promise<Jobs> {
  const onError = (error: unknown) => logger.warn({ err: error }, "the queue had a fault; what it lost is found again in the database");
  if (redisUrl !== undefined) {
    const { openBullMqJobs } = await import("@heddle/jobs/bullmq-jobs");
    return openBullMqJobs({ url: redisUrl, onError: quiet(onError) });
  }
  const { openPgBossJobs } = await import("@heddle/jobs/pg-boss-jobs");
  return await openPgBossJobs({ url: urls.jobs, schema: JOBS_SCHEMA, onError: quiet(onError) });
}

const EVERY_MS = 10_000;

/** A server that is away makes a fault of every attempt to reach it: one in a while is told. */
function quiet(tell: (error: unknown) => void): (error: unknown) => void {
  let toldAt = -EVERY_MS;
  return (error) => {
    if (performance.now() - toldAt < EVERY_MS) return;
    toldAt = performance.now();
    tell(error);
  };
}
