import { Redis } from "ioredis";
import { afterHeard, type EventLog, type EventSignal, inSignals, type LogEntry } from "./event-log.ts";
import type { RunAddress } from "./execution-event.ts";

/** How long the events of a run, and of an agent, are kept after the last one, seconds. */
const KEPT_FOR_S = 3_600;
/** Events of one run, and of one agent, that are kept at least; Redis drops the oldest of more by the page. */
const MAX_OF_STREAM = 10_000;
const CHANNEL = "heddle:events";

/**
 * One event into the stream of its run and, if that took it, into the one of its agent. The run's stream numbers entries
 * by their ids and takes none that is not above the last: neither one again, nor what a replaced owner says.
 */
const KEEP = `
local taken = redis.pcall('XADD', KEYS[1], 'MAXLEN', '~', ARGV[3], ARGV[1] .. '-0', 'entry', ARGV[2])
if type(taken) == 'table' and taken.err then
  if string.find(taken.err, 'equal or smaller') then return 0 end
  return taken
end
redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[3], '*', 'entry', ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[4])
redis.call('EXPIRE', KEYS[2], ARGV[4])
return 1`;

/** Keeps events in Redis Streams and wakes readers by its channels. */
export function createRedisEventLog(url: string, onFault: (fault: unknown) => void): EventLog {
  // A command waits for a connection that is lost only so long: events that can't be kept must not pile up.
  const commands = new Redis(url, { maxRetriesPerRequest: 2, connectionName: "heddle-events", retryStrategy: retryAfter });
  const subscriber = new Redis(url, { maxRetriesPerRequest: null, connectionName: "heddle-events-signals", retryStrategy: retryAfter });
  const listeners = new Set<(signal: EventSignal) => void>();
  const tell = (signal: EventSignal) => {
    for (const listener of listeners) listener(signal);
  };
  // One fault is told of an outage, not every attempt to end it.
  for (const client of [commands, subscriber]) {
    let isLost = false;
    client.on("ready", () => (isLost = false));
    client.on("error", (error) => {
      if (!isLost) onFault(error);
      isLost = true;
    });
  }
  subscriber.on("message", (_, text) => tell(JSON.parse(text) as EventSignal));
  // ioredis subscribes again by itself.
  subscriber.on("ready", () => tell({ type: "missed" }));
  subscriber.subscribe(CHANNEL).catch(onFault);

  const read = async (key: string, after: string, limit: number): Promise<[position: string, entry: LogEntry][]> => {
    const found = await commands.xrange(key, `(${after}`, "+", "COUNT", limit);
    return found.map(([position, fields]) => [position, JSON.parse(fields[1] ?? "{}") as LogEntry]);
  };

  return {
    keep: async (entries) => {
      const pipeline = commands.pipeline();
      for (const entry of entries) {
        pipeline.eval(KEEP, 2, runKey(entry), agentKey(entry), entry.id, JSON.stringify(entry), MAX_OF_STREAM, KEPT_FOR_S);
      }
      const signal = {
        type: "kept" as const,
        runs: [...new Set(entries.map((entry) => entry.executionId))],
        agents: [...new Set(entries.map((entry) => entry.agentId))],
      };
      for (const part of inSignals(signal)) pipeline.publish(CHANNEL, JSON.stringify(part));
      const results = (await pipeline.exec()) ?? [];
      const [failure] = results.flatMap(([error]) => (error === null ? [] : [error]));
      if (failure !== undefined) throw failure;
    },
    ofRun: async (run, afterId, limit) => {
      const found = await read(runKey(run), `${afterId}-0`, limit);
      return found.map(([, entry]) => afterHeard(entry, afterId));
    },
    ofAgent: async (agent, after, limit) => {
      const found = await read(agentKey(agent), after, limit);
      return found.map(([position, entry]) => ({ ...afterHeard(entry, 0), position }));
    },
    headOf: async (agent) => {
      const [last] = await commands.xrevrange(agentKey(agent), "+", "-", "COUNT", 1);
      return last?.[0] ?? "0-0";
    },
    isPosition: (text) => /^\d{1,19}-\d{1,19}$/.test(text),
    signal: async (signal) => {
      await commands.publish(CHANNEL, JSON.stringify(signal));
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: async () => {
      listeners.clear();
      commands.disconnect();
      subscriber.disconnect();
    },
  };
}

/** ms; says soon that Redis is back without knocking all the time while it is not. */
function retryAfter(attempt: number): number {
  return Math.min(attempt * 100, 1_000);
}

function runKey({ workspaceId, executionId }: Pick<RunAddress, "workspaceId" | "executionId">): string {
  return `heddle:events:${workspaceId}:run:${executionId}`;
}

function agentKey({ workspaceId, agentId }: Pick<RunAddress, "workspaceId" | "agentId">): string {
  return `heddle:events:${workspaceId}:agent:${agentId}`;
}
