import { Client, type ClientBase, type Pool } from "pg";

/** Something that processes cache has changed. */
export interface Change {
  kind: "limits" | "apiKey" | "membership" | "session" | "deployment" | "agent" | "credential" | "dataset" | "knowledgeBase" | "execution";
  /** What changed; a membership's is the user. */
  id: string;
  /** Absent where the thing belongs to no workspace. */
  workspaceId?: string;
}

/** `missed` stands for any number of changes: the connection was lost for a time, so nothing cached may be trusted. */
export type ChangeEvent = Change | { kind: "missed" };

export interface ChangeFeed {
  /** Tells all processes, this one included. With a client, only once its transaction commits. */
  publish(change: Change, client?: ClientBase): Promise<void>;
  /** Calls back on every change until the returned function is called. Opens one connection on first use. */
  subscribe(onChange: (event: ChangeEvent) => void): () => void;
  /** Resolves once the feed listens: changes from then on arrive. */
  ready(): Promise<void>;
  close(): Promise<void>;
}

const CHANNEL = "heddle_changes";

export function createChangeFeed({
  url,
  pool,
  onConnectionError,
}: {
  url: string;
  pool: Pool;
  onConnectionError: (error: Error) => void;
}): ChangeFeed {
  const listeners = new Set<(event: ChangeEvent) => void>();
  let client: Client | undefined;
  let listening: Promise<void> | undefined;
  let retry: NodeJS.Timeout | undefined;
  let isClosed = false;

  const tell = (event: ChangeEvent): void => {
    for (const listener of listeners) listener(event);
  };
  const reconnect = (): void => {
    if (isClosed || retry !== undefined) return;
    tell({ kind: "missed" });
    retry = setTimeout(() => {
      retry = undefined;
      listening = listen(true);
    }, 500).unref();
  };
  const listen = async (isAgain: boolean): Promise<void> => {
    const fresh = new Client({
      connectionString: url,
      application_name: "heddle-changes",
      keepAlive: true,
      connectionTimeoutMillis: 1_500,
    });
    client = fresh;
    let isLost = false;
    const lose = (error?: Error): void => {
      if (error !== undefined && !isClosed) onConnectionError(error);
      if (isLost) return;
      isLost = true;
      void fresh.end().catch(() => undefined);
      reconnect();
    };
    fresh.on("error", lose);
    fresh.on("end", () => lose());
    fresh.on("notification", ({ channel, payload }) => {
      if (channel === CHANNEL && payload !== undefined) tell(JSON.parse(payload) as Change);
    });
    try {
      await fresh.connect();
      await fresh.query(`LISTEN ${CHANNEL}`);
      // What changed between the loss and now was told to nobody here.
      if (isAgain) tell({ kind: "missed" });
    } catch (error) {
      lose(error as Error);
    }
  };

  return {
    publish: async (change, transaction) => {
      await (transaction ?? pool).query("SELECT pg_notify($1, $2)", [CHANNEL, JSON.stringify(change)]);
    },
    subscribe: (onChange) => {
      listeners.add(onChange);
      listening ??= listen(false);
      return () => listeners.delete(onChange);
    },
    ready: () => (listening ??= listen(false)),
    close: async () => {
      isClosed = true;
      clearTimeout(retry);
      await listening;
      await client?.end().catch(() => undefined);
    },
  };
}
