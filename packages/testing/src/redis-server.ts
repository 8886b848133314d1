import { spawn } from "node:child_process";
import { once } from "node:events";
import { Redis } from "ioredis";
import { freePort } from "./heddle-process.ts";

export interface RedisServer {
  port: number;
  url: string;
  /** What `FLUSHALL` does: everything is forgotten. */
  forgetAll(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a real Redis on a port of loopback, a free one by default, that keeps nothing on disk. */
export async function startRedis(chosen?: number): Promise<RedisServer> {
  const port = chosen ?? (await freePort());
  const { HEDDLE_REDIS: program = "redis-server", HEDDLE_REDIS_LIBRARIES: libraries } = process.env;
  const child = spawn(program, ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"], {
    stdio: "ignore",
    // Redis is several programs in one file and asks for its own name which of them it is.
    argv0: "redis-server",
    ...(libraries === undefined ? {} : { env: { ...process.env, LD_LIBRARY_PATH: libraries } }),
  });
  const failed = new Promise<never>((_, fail) => child.once("error", fail));
  const url = `redis://127.0.0.1:${port}`;
  const client = new Redis(url, { retryStrategy: () => 50, maxRetriesPerRequest: 200 });
  client.on("error", () => undefined);
  await Promise.race([client.ping(), failed]);
  return {
    port,
    url,
    forgetAll: async () => {
      await client.flushall();
    },
    stop: async () => {
      client.disconnect();
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill();
      await once(child, "exit");
    },
  };
}
