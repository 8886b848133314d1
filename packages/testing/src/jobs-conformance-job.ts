import { defineJob } from "@heddle/jobs";
import { z } from "zod";

/** What `job-worker-process.ts` works on; apart from the suite, which only a test runner can load. */
export const processJob = defineJob({ id: "conformance-process", payload: z.object({ name: z.string() }) });

/** How another process opens the driver under test. */
export type JobsDriver = { kind: "pg-boss"; url: string; schema: string } | { kind: "bullmq"; url: string };
