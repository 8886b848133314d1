export { defineJob } from "./jobs.ts";
export type {
  EnqueueOptions,
  JobContext,
  JobCounts,
  JobDefinition,
  JobHandler,
  Jobs,
  JobsOptions,
  JobWorker,
  WorkOptions,
} from "./jobs.ts";
