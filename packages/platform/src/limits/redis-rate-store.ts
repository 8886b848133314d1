import { Redis } from "ioredis";
import { type Draw, grantOf, type RateStore } from "./rate-store.ts";

export interface RedisRateStoreOptions {
  url: string;
  /** Told about connections that were lost. */
  onConnectionError?: (error: Error) => void;
}

/** Shares budgets by Redis: a counter a window, which Redis forgets when the window ends. */
export function createRedisRateStore({ url, onConnectionError = () => undefined }: RedisRateStoreOptions): RateStore {
  const redis = new Redis(url, {
    // A question that was asked while Redis was away is answered by the process itself, not later.
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    enableAutoPipelining: true,
    connectTimeout: 2_000,
    retryStrategy: (tries) => Math.min(tries * 100, 2_000),
  }) as Redis & { heddleDraw(key: string, amount: number, windowMs: number): Promise<[number, number]> };
  redis.defineCommand("heddleDraw", { numberOfKeys: 1, lua: DRAW });
  redis.on("error", onConnectionError);
  const ready = new Promise<void>((resolve) => redis.once("ready", resolve));

  return {
    draw: async (draw: Draw) => {
      if (redis.status === "connecting" || redis.status === "connect") await ready;
      const [taken, endsInMs] = await redis.heddleDraw(`heddle:rate:${draw.key}`, draw.amount, draw.windowMs);
      return grantOf(draw, taken, endsInMs);
    },
    close: async () => {
      redis.disconnect();
    },
  };
}

const DRAW = `
local taken = redis.call('INCRBY', KEYS[1], ARGV[1])
local left = redis.call('PTTL', KEYS[1])
if left < 0 then
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  left = tonumber(ARGV[2])
end
return {taken, left}`;
