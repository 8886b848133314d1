import { describeJobs } from "@heddle/testing/jobs-conformance";
import { startRedis } from "@heddle/testing/redis-server";
import { startTcpProxy } from "@heddle/testing/tcp-proxy";
import { expect, it } from "vitest";
import { z } from "zod";
import { openBullMqJobs } from "./bullmq-jobs.ts";
import { defineJob } from "./jobs.ts";

it("works once Redis is there, though it was not when it was opened", async () => {
  const redis = await startRedis();
  const proxy = await startTcpProxy({ host: "127.0.0.1", port: redis.port });
  await proxy.cut();
  const jobs = openBullMqJobs({ url: `redis://127.0.0.1:${proxy.port}` });
  try {
    const job = defineJob({ id: "late", payload: z.string() });
    const seen: string[] = [];
    await jobs.work(job, async (payload) => void seen.push(payload));
    await expect(jobs.enqueue(job, "too early")).rejects.toThrow();
    await proxy.mend();
    await expect.poll(() => jobs.enqueue(job, "in time").then(() => "sent", () => "refused"), { timeout: 10_000 }).toBe("sent"); // prettier-ignore
    await expect.poll(() => seen, { timeout: 10_000 }).toContain("in time");
  } finally {
    await jobs.close();
    await proxy.close();
    await redis.stop();
  }
});

describeJobs("BullMQ", async () => {
  const redis = await startRedis();
  const proxy = await startTcpProxy({ host: "127.0.0.1", port: redis.port });
  return {
    open: async (options) => openBullMqJobs({ url: `redis://127.0.0.1:${proxy.port}`, ...options }),
    driver: { kind: "bullmq", url: redis.url },
    cut: proxy.cut,
    mend: proxy.mend,
    forgetAll: redis.forgetAll,
    close: async () => {
      await proxy.close();
      await redis.stop();
    },
  };
});
