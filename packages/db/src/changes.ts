import type { ClientBase, Pool } from "pg";
import type { Notifications } from "./notifications.ts";

/** Something that processes cache has changed. */
export interface Change {
  kind:
    | "schedule"
    | "subscriber"
    | "limits"
    | "apiKey"
    | "membership"
    | "session"
    | "deployment"
    | "agent"
    | "credential"
    | "dataset"
    | "knowledgeBase"
    | "execution"
    /** A wait of this execution was ended from outside. */
    | "wait";
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
}

const CHANNEL = "heddle_changes";

export function createChangeFeed({ notifications, pool }: { notifications: Notifications; pool: Pool }): ChangeFeed {
  return {
    publish: async (change, transaction) => {
      await (transaction ?? pool).query("SELECT pg_notify($1, $2)", [CHANNEL, JSON.stringify(change)]);
    },
    subscribe: (onChange) =>
      notifications.listen(CHANNEL, {
        payload: (text) => onChange(JSON.parse(text) as Change),
        missed: () => onChange({ kind: "missed" }),
      }),
    ready: () => notifications.ready(),
  };
}
