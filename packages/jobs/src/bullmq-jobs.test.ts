import { describeJobs } from "@heddle/testing/jobs-conformance";
import { startRedis } from "@heddle/testing/redis-server";
import { startTcpProxy } from "@heddle/testing/tcp-proxy";
import { openBullMqJobs } from "./bullmq-jobs.ts";

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
