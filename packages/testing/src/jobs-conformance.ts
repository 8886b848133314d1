import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { defineJob, type JobContext, type JobDefinition, type Jobs, type JobsOptions, type JobWorker } from "@heddle/jobs";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { processJob, type JobsDriver } from "./jobs-conformance-job.ts";

/** A driver and its server, under test. */
export interface JobsUnderTest {
  /** Opens the driver over a connection that {@link JobsUnderTest.cut} breaks. */
  open(options: JobsOptions): Promise<Jobs>;
  /** How another process opens it. */
  driver: JobsDriver;
  cut(): Promise<void>;
  mend(): Promise<void>;
  /** Empties the queue as an operator's FLUSHALL does. */
  forgetAll(): Promise<void>;
  close(): Promise<void>;
}

const PROCESS = join(import.meta.dirname, "job-worker-process.ts");
const SOON = { timeout: 20_000, interval: 20 };
/** A dead worker's jobs come back after 10 s and what it takes to look for them. */
const REDELIVERED = { timeout: 45_000, interval: 100 };

/** The suite that every driver of the jobs port passes, with a real server. */
export function describeJobs(name: string, start: () => Promise<JobsUnderTest>): void {
  describe(`jobs by ${name}`, () => {
    let test: JobsUnderTest;
    const opened: Jobs[] = [];
    const children: ChildProcess[] = [];
    const faults: unknown[] = [];
    let made = 0;

    beforeAll(async () => {
      test = await start();
    }, 60_000);
    afterEach(async () => {
      for (const child of children.splice(0)) child.kill("SIGKILL");
      await Promise.all(opened.splice(0).map((jobs) => jobs.close()));
    });
    afterAll(() => test.close());

    const open = async (options: JobsOptions = {}): Promise<Jobs> => {
      const jobs = await test.open({ onError: (error) => faults.push(error), ...options });
      opened.push(jobs);
      return jobs;
    };
    /** A queue of its own for each test. */
    const newJob = (options: { retries?: number } = {}) =>
      defineJob({ id: `conformance-${"abcdefghijklmnopqrstuvwxyz"[made++]}`, payload: z.object({ name: z.string() }), ...options });
    /** Works and writes down what is delivered. */
    const record = async (jobs: Jobs, job: JobDefinition<{ name: string }>, concurrency = 1) => {
      const names: string[] = [];
      const worker = await jobs.work(job, async ({ name }) => void names.push(name), { concurrency });
      return { names, worker };
    };

    it("delivers each job once, with its payload, to one of the workers", async () => {
      const job = newJob();
      const producer = await open();
      const workers = await Promise.all([open(), open()].map(async (jobs) => record(await jobs, job, 3)));
      const names = Array.from({ length: 60 }, (_, index) => `job ${index}`);
      await Promise.all(names.map((name) => producer.enqueue(job, { name })));
      const delivered = () => workers.flatMap((worker) => worker.names);
      await expect.poll(() => delivered().length, SOON).toBeGreaterThanOrEqual(60);
      expect(delivered().toSorted()).toEqual(names.toSorted());
    });

    it("refuses a payload that its definition does not allow", async () => {
      const jobs = await open();
      await expect(jobs.enqueue(newJob(), { name: 1 } as never)).rejects.toThrow();
    });

    it("works on as many at once as a worker is told to", async () => {
      const job = newJob();
      const jobs = await open();
      let [running, most] = [0, 0];
      let release = () => {};
      const released = new Promise<void>((done) => (release = done));
      await jobs.work(
        job,
        async () => {
          most = Math.max(most, ++running);
          await released;
          running--;
        },
        { concurrency: 3 },
      );
      for (let index = 0; index < 6; index++) await jobs.enqueue(job, { name: "x" });
      await expect.poll(() => running, SOON).toBe(3);
      release();
      await expect.poll(() => jobs.counts(job), SOON).toMatchObject({ waiting: 0, active: 0 });
      expect(most).toBe(3);
    });

    it("lets one job of a key wait, and another one once the first is being worked on", async () => {
      const job = newJob();
      const jobs = await open();
      for (const name of ["first", "ignored", "ignored"]) await jobs.enqueue(job, { name }, { key: "k" });
      await jobs.enqueue(job, { name: "other key" }, { key: "l" });
      expect((await jobs.counts(job)).waiting).toBe(2);

      const names: string[] = [];
      let release = () => {};
      const released = new Promise<void>((done) => (release = done));
      await jobs.work(
        job,
        async ({ name }) => {
          names.push(name);
          await released;
        },
        { concurrency: 2 },
      );
      await expect.poll(() => names.toSorted(), SOON).toEqual(["first", "other key"]);
      for (const name of ["second", "ignored"]) await jobs.enqueue(job, { name }, { key: "k" });
      release();
      await expect.poll(() => names, SOON).toContain("second");
      await expect.poll(() => jobs.counts(job), SOON).toMatchObject({ waiting: 0, active: 0 });
      expect(names.toSorted()).toEqual(["first", "other key", "second"]);
    });

    it("delivers higher priorities first, and equal ones in their order", async () => {
      const job = newJob();
      const jobs = await open();
      for (const [name, priority] of [["c", 0], ["e", -5], ["a", 1_000], ["d", 0], ["b", 5]] as const)
        await jobs.enqueue(job, { name }, { priority }); // prettier-ignore
      const { names } = await record(jobs, job);
      await expect.poll(() => names, SOON).toEqual(["a", "b", "c", "d", "e"]);
      await expect(jobs.enqueue(job, { name: "x" }, { priority: 1_001 })).rejects.toThrow(RangeError);
    });

    it("keeps a job back for as long as it is told to, and not much longer", async () => {
      const job = newJob();
      const jobs = await open();
      const begin = Date.now();
      const arrived = new Promise<number>((done) => void jobs.work(job, async () => done(Date.now() - begin)));
      await jobs.enqueue(job, { name: "later" }, { delayMs: 1_500 });
      expect(await jobs.counts(job)).toMatchObject({ waiting: 0, delayed: 1 });
      const took = await arrived;
      expect(took).toBeGreaterThanOrEqual(1_490);
      expect(took).toBeLessThan(10_000);
    });

    it("delivers a job again whose handler threw, counting, until it is given up", async () => {
      const job = newJob({ retries: 2 });
      const jobs = await open();
      const attempts: number[] = [];
      await jobs.work(job, async (_, { attempt }) => {
        attempts.push(attempt);
        throw new Error("not yet");
      });
      await jobs.enqueue(job, { name: "hopeless" });
      await expect.poll(() => attempts, SOON).toEqual([0, 1, 2]);
      await expect.poll(() => jobs.counts(job), SOON).toMatchObject({ waiting: 0, delayed: 0, active: 0 });
      expect(faults.map(String)).toContain("Error: not yet");
    });

    it("takes back a job that waits, and then no more", async () => {
      const job = newJob();
      const jobs = await open();
      await jobs.enqueue(job, { name: "taken back" }, { key: "k" });
      await jobs.enqueue(job, { name: "taken back too" }, { key: "l", delayMs: 60_000 });
      expect(await jobs.cancel(job, "k")).toBe(true);
      expect(await jobs.cancel(job, "l")).toBe(true);
      expect(await jobs.cancel(job, "k")).toBe(false);
      expect(await jobs.counts(job)).toMatchObject({ waiting: 0, delayed: 0 });
      // The key is free again.
      await jobs.enqueue(job, { name: "kept" }, { key: "k" });
      const { names } = await record(jobs, job);
      await expect.poll(() => names, SOON).toEqual(["kept"]);
    });

    it("tells how old the oldest waiting job is", async () => {
      const job = newJob();
      const jobs = await open();
      expect(await jobs.counts(job)).toEqual({ waiting: 0, delayed: 0, active: 0, oldestMs: 0 });
      await jobs.enqueue(job, { name: "old" });
      await jobs.enqueue(job, { name: "new" }, { priority: 5 });
      await expect.poll(async () => (await jobs.counts(job)).oldestMs, SOON).toBeGreaterThan(300);
      expect((await jobs.counts(job)).oldestMs).toBeLessThan(20_000);
    });

    it("lets jobs end when a worker closes, and takes no new ones", async () => {
      const job = newJob();
      const jobs = await open();
      let hasEnded = false;
      let begun = () => {};
      const began = new Promise<void>((done) => (begun = done));
      const worker = await jobs.work(job, async () => {
        begun();
        await new Promise((done) => setTimeout(done, 300));
        hasEnded = true;
      });
      await jobs.enqueue(job, { name: "running" });
      await began;
      await jobs.enqueue(job, { name: "waiting" });
      await worker.close(10_000);
      expect(hasEnded).toBe(true);
      expect(await jobs.counts(job)).toMatchObject({ waiting: 1, active: 0 });
    });

    it("hands a job that does not end in time to another worker, without waiting for its silence", async () => {
      const job = newJob();
      const [leaving, staying] = [await open(), await open()];
      let signal: AbortSignal | undefined;
      const worker: JobWorker = await leaving.work(job, (_, context: JobContext) => {
        ({ signal } = context);
        return new Promise((done) => setTimeout(done, 60_000).unref());
      });
      await leaving.enqueue(job, { name: "handed over" });
      await expect.poll(() => signal, SOON).toBeDefined();
      const begin = Date.now();
      const { names } = await record(staying, job);
      await worker.close(100);
      expect(signal?.aborted).toBe(true);
      await expect.poll(() => names, SOON).toEqual(["handed over"]);
      expect(Date.now() - begin).toBeLessThan(9_000);
    });

    it("delivers the job of a worker that was killed to another one", { timeout: 60_000 }, async () => {
      const jobs = await open();
      const child = await startWorkerProcess(test.driver, children);
      await jobs.enqueue(processJob, { name: "orphan" });
      await once(child.stdout as NonNullable<typeof child.stdout>, "data");
      child.kill("SIGKILL");
      const { names } = await record(jobs, processJob);
      await expect.poll(() => names, REDELIVERED).toEqual(["orphan"]);
    });

    it("refuses jobs soon while its connection is lost, and goes on when it is back", { timeout: 60_000 }, async () => {
      const job = newJob();
      const jobs = await open();
      const { names } = await record(jobs, job);
      await jobs.enqueue(job, { name: "before" });
      await expect.poll(() => names, SOON).toEqual(["before"]);
      await test.cut();
      const begin = Date.now();
      await expect(jobs.enqueue(job, { name: "during" })).rejects.toThrow();
      expect(Date.now() - begin).toBeLessThan(5_000);
      await test.mend();
      await expect.poll(() => jobs.enqueue(job, { name: "after" }, { key: "after" }).then(() => "sent", () => "refused"), SOON).toBe("sent"); // prettier-ignore
      await expect.poll(() => names, REDELIVERED).toContain("after");
    });

    it("forgets what waits when its server does, and goes on", { timeout: 60_000 }, async () => {
      const job = newJob();
      const jobs = await open();
      await jobs.enqueue(job, { name: "forgotten" }, { key: "k" });
      await jobs.enqueue(job, { name: "forgotten" }, { key: "l", delayMs: 500 });
      await test.forgetAll();
      const { names } = await record(jobs, job);
      await jobs.enqueue(job, { name: "first" }, { key: "k" });
      await expect.poll(() => names, SOON).toEqual(["first"]);
      // Also under a worker that waits already.
      await test.forgetAll();
      await jobs.enqueue(job, { name: "second" }, { key: "k" });
      await expect.poll(() => names, SOON).toEqual(["first", "second"]);
    });
  });
}

async function startWorkerProcess(driver: JobsDriver, children: ChildProcess[]): Promise<ChildProcess> {
  const child = spawn(process.execPath, [PROCESS, JSON.stringify(driver)], { stdio: ["ignore", "pipe", "inherit"] });
  children.push(child);
  return child;
}
