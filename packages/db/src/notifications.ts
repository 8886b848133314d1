import { Client } from "pg";

/** What hears of one channel. */
export interface NotificationListener {
  payload(text: string): void;
  /** The connection was lost, or is back: any number of payloads may not have been told. */
  missed(): void;
}

/** PostgreSQL's notifications over one connection, which is opened on first use and again after it was lost. */
export interface Notifications {
  /** Calls back on every payload of a channel until the returned function is called. */
  listen(channel: string, listener: NotificationListener): () => void;
  /** Resolves once the channels that were asked for so far are listened to. */
  ready(): Promise<void>;
  close(): Promise<void>;
}

const RETRY_AFTER_MS = 500;

export interface NotificationsOptions {
  url: string;
  onConnectionError: (error: Error) => void;
  /**
   * How often the connection is asked for a sign of life, and how long it has to give one, ms; 5 s by default. One that
   * listens says nothing by itself, not even that it is dead.
   */
  askEveryMs?: number;
}

export function createNotifications({ url, onConnectionError, askEveryMs = 5_000 }: NotificationsOptions): Notifications {
  const channels = new Map<string, Set<NotificationListener>>();
  let client: Client | undefined;
  let listening: Promise<void> | undefined;
  let retry: NodeJS.Timeout | undefined;
  let isClosed = false;

  const tellMissed = (): void => {
    for (const listeners of channels.values()) for (const listener of listeners) listener.missed();
  };
  const reconnect = (): void => {
    if (isClosed || retry !== undefined) return;
    tellMissed();
    retry = setTimeout(() => {
      retry = undefined;
      listening = connect(true);
    }, RETRY_AFTER_MS).unref();
  };
  const connect = async (isAgain: boolean): Promise<void> => {
    const fresh = new Client({
      connectionString: url,
      application_name: "heddle-changes",
      keepAlive: true,
      connectionTimeoutMillis: 1_500,
      query_timeout: askEveryMs,
    });
    client = fresh;
    let isLost = false;
    const asking = setInterval(() => void fresh.query("SELECT 1").catch(lose), askEveryMs).unref();
    const lose = (error?: Error): void => {
      if (error !== undefined && !isClosed) onConnectionError(error);
      if (isLost) return;
      isLost = true;
      clearInterval(asking);
      void fresh.end().catch(() => undefined);
      reconnect();
    };
    fresh.on("error", lose);
    fresh.on("end", () => lose());
    fresh.on("notification", ({ channel, payload }) => {
      if (payload !== undefined) for (const listener of channels.get(channel) ?? []) listener.payload(payload);
    });
    try {
      await fresh.connect();
      // Channels may be added while the first ones are listened to.
      for (const channel of channels.keys()) await fresh.query(`LISTEN ${fresh.escapeIdentifier(channel)}`);
      // What was told between the loss and now was told to nobody here.
      if (isAgain) tellMissed();
    } catch (error) {
      lose(error as Error);
    }
  };

  return {
    listen: (channel, listener) => {
      const listeners = channels.get(channel) ?? new Set();
      const isNew = listeners.size === 0;
      channels.set(channel, listeners.add(listener));
      if (listening === undefined) listening = connect(false);
      else if (isNew) {
        const before = client;
        listening = listening.then(async () => {
          // A connection that is lost meanwhile takes all channels up again by itself.
          if (!isClosed) await before?.query(`LISTEN ${before.escapeIdentifier(channel)}`).catch(() => undefined);
        });
      }
      return () => listeners.delete(listener);
    },
    ready: () => (listening ??= connect(false)),
    close: async () => {
      isClosed = true;
      clearTimeout(retry);
      await listening;
      await client?.end().catch(() => undefined);
    },
  };
}
