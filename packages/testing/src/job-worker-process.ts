import { openBullMqJobs } from "@heddle/jobs/bullmq-jobs";
import { openPgBossJobs } from "@heddle/jobs/pg-boss-jobs";
import { processJob, type JobsDriver } from "./jobs-conformance-job.ts";

/** A worker that begins a job, says so on its output and never ends it: for tests that kill it. */
const driver = JSON.parse(process.argv[2] ?? "") as JobsDriver;
const jobs = driver.kind === "bullmq" ? openBullMqJobs(driver) : await openPgBossJobs(driver);
await jobs.work(processJob, ({ name }) => {
  process.stdout.write(name);
  return new Promise(() => undefined);
});
