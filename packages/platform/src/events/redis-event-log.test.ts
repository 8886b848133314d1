import { describeEventLog } from "@heddle/testing/event-log-suite";
import { startRedis } from "@heddle/testing/redis-server";
import { createRedisEventLog } from "./redis-event-log.ts";

describeEventLog("Redis", async () => {
  const redis = await startRedis();
  const onFault = () => undefined;
  const logs: [ReturnType<typeof createRedisEventLog>, ReturnType<typeof createRedisEventLog>] = [
    createRedisEventLog(redis.url, onFault),
    createRedisEventLog(redis.url, onFault),
  ];
  return {
    logs,
    forget: () => redis.forgetAll(),
    close: async () => {
      await Promise.all(logs.map((log) => log.close()));
      await redis.stop();
    },
  };
});
