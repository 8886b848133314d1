import { PrismaPg } from "@prisma/adapter-pg";
import { Pool, type PoolClient } from "pg";
import { type Prisma, PrismaClient } from "../generated/client/client.ts";
import { type ChangeFeed, createChangeFeed } from "./changes.ts";
import { createLookups, type Lookups } from "./lookups.ts";
import { MortalClient } from "./mortal-client.ts";
import { createNotifications, type Notifications } from "./notifications.ts";
import { addStartOptions, type DatabaseRole, type DatabaseUrls, roleName } from "./roles.ts";

/** Prisma's models, with every call in a transaction of one workspace. Raw SQL and transactions go by {@link Database}. */
export type TenantClient = Omit<PrismaClient, `$${string}`>;
/** Prisma's models inside one transaction. */
export type TenantTransaction = Prisma.TransactionClient;

/** Who a transaction acts for; row-level security shows it nothing else. */
export interface Tenant {
  workspaceId?: string;
  userId?: string;
}

export interface Database {
  readonly pools: Record<DatabaseRole, Pool>;
  /** Each call is a transaction of its own: for single reads and writes off the hot path. */
  prismaFor(workspaceId: string): TenantClient;
  /** Several calls in one transaction. */
  transaction<T>(tenant: string | Tenant, work: (tx: TenantTransaction) => Promise<T>): Promise<T>;
  /** Raw SQL in one transaction of a workspace. */
  withWorkspace<T>(workspaceId: string, work: (client: PoolClient) => Promise<T>): Promise<T>;
  /** Raw SQL in one transaction of a person: their own memberships and workspaces are visible. */
  withUser<T>(userId: string, work: (client: PoolClient) => Promise<T>): Promise<T>;
  /** Raw SQL in one transaction, for tenants with both sides. */
  withTenant<T>(tenant: Tenant, work: (client: PoolClient) => Promise<T>): Promise<T>;
  /** The client of sign-in: people, sessions, accounts, verifications and rate limits; nothing of any workspace. */
  readonly auth: PrismaClient;
  readonly lookups: Lookups;
  /** Tells every process that something cached has changed. */
  readonly changes: ChangeFeed;
  /** What processes tell each other besides. */
  readonly notifications: Notifications;
  /** @throws when the database does not answer */
  ping(): Promise<void>;
  close(): Promise<void>;
}

export interface ConnectOptions {
  urls: DatabaseUrls;
  /** Most connections per role; they are opened as needed and closed after 10 s of rest. */
  maxConnections?: Partial<Record<DatabaseRole, number>>;
  /** Told about connections that broke while idle. */
  onConnectionError?: (error: Error) => void;
}

/** Opens the database under its runtime roles. No connection is made before the first use. */
export function connect({ urls, maxConnections = {}, onConnectionError = () => undefined }: ConnectOptions): Database {
  const pool = (role: DatabaseRole): Pool => {
    const created = new Pool({
      Client: MortalClient,
      connectionString: role === "journal" ? addStartOptions(urls.journal, JOURNAL_PLANS) : urls[role],
      max: maxConnections[role] ?? MAX_CONNECTIONS[role],
      idleTimeoutMillis: 10_000,
      connectionTimeoutMillis: 1_500,
      idle_in_transaction_session_timeout: 60_000,
      statement_timeout: STATEMENT_TIMEOUT_MS,
      // A connection that only looks alive says nothing for ever: what it was asked is asked of another.
      query_timeout: role === "journal" ? JOURNAL_ANSWERS_WITHIN_MS : STATEMENT_TIMEOUT_MS + 2_000,
      keepAlive: true,
      pipeline: role === "journal",
      application_name: roleName(role),
    });
    created.on("error", onConnectionError);
    // One that breaks while somebody holds it is told to them by their next query; unheard, it would end the process.
    created.on("connect", (client) => client.on("error", () => undefined));
    return created;
  };
  const pools = { app: pool("app"), auth: pool("auth"), journal: pool("journal") };
  const app = new PrismaClient({ adapter: new PrismaPg(pools.app) });
  const auth = new PrismaClient({ adapter: new PrismaPg(pools.auth) });
  const notifications = createNotifications({ url: urls.app, onConnectionError });
  const changes = createChangeFeed({ notifications, pool: pools.app });

  const withTenant = async <T>(tenant: Tenant, work: (client: PoolClient) => Promise<T>): Promise<T> => {
    const client = await pools.app.connect();
    let isBroken = false;
    try {
      await client.query("BEGIN");
      await client.query(SET_TENANT, [tenant.workspaceId ?? "", tenant.userId ?? ""]);
      const result = await work(client);
      await client.query("COMMIT");
      return result;
    } catch (error) {
      await client.query("ROLLBACK").catch(() => (isBroken = true));
      throw error;
    } finally {
      client.release(isBroken);
    }
  };

  return {
    pools,
    auth,
    changes,
    notifications,
    lookups: createLookups(pools.app),
    prismaFor: (workspaceId) =>
      app.$extends({
        query: {
          $allModels: {
            async $allOperations({ args, query }) {
              const [, result] = await app.$transaction([
                app.$executeRaw`SELECT set_config('app.workspace_id', ${workspaceId}, true), set_config('app.user_id', '', true)`,
                query(args),
              ]);
              return result;
            },
          },
        },
      }) as unknown as TenantClient,
    transaction: (tenant, work) => {
      const { workspaceId = "", userId = "" } = typeof tenant === "string" ? { workspaceId: tenant } : tenant;
      return app.$transaction(
        async (tx) => {
          await tx.$executeRaw`SELECT set_config('app.workspace_id', ${workspaceId}, true), set_config('app.user_id', ${userId}, true)`;
          return work(tx);
        },
        { maxWait: 5_000, timeout: 60_000 },
      );
    },
    withWorkspace: (workspaceId, work) => withTenant({ workspaceId }, work),
    withUser: (userId, work) => withTenant({ userId }, work),
    withTenant,
    ping: async () => {
      await pools.app.query("SELECT 1");
    },
    close: async () => {
      await notifications.close();
      await Promise.all([app.$disconnect(), auth.$disconnect()]);
      await Promise.all(Object.values(pools).map((each) => each.end()));
    },
  };
}

/** The longest take about a second (a data set of 10,000 rows); a dead connection holds its caller up for this long. */
const STATEMENT_TIMEOUT_MS = 20_000;
/** Its statements take ms; runs wait for each of them, and leases run out meanwhile. */
const JOURNAL_ANSWERS_WITHIN_MS = 15_000;

/** The embedded server allows 60 in all. */
const MAX_CONNECTIONS: Record<DatabaseRole, number> = { app: 10, auth: 3, journal: 5 };

/**
 * The journal's statements join a handful of given keys with tables of any size: always by index, also while a table is
 * new and the planner takes it for small. And always by the plan made once: planning over all partitions anew took half of
 * the time of a run's two commits (2.0 ms, 1.1 without).
 */
const JOURNAL_PLANS = "-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off -c plan_cache_mode=force_generic_plan";

const SET_TENANT = "SELECT set_config('app.workspace_id', $1, true), set_config('app.user_id', $2, true)";
