import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTestDatabase, type TestDatabase } from "@heddle/testing/database";
import { startTcpProxy } from "@heddle/testing/tcp-proxy";
import { Client, Pool } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ChangeEvent } from "./changes.ts";
import { connect } from "./connect.ts";
import { startEmbeddedPostgres } from "./embedded-postgres.ts";
import { migrate } from "./migrate.ts";
import { MortalClient } from "./mortal-client.ts";
import { createNotifications } from "./notifications.ts";
import { addStartOptions, urlsFromOwner } from "./roles.ts";
import { isDatabaseUnavailable } from "./unavailable.ts";

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(() => test.close());

describe("a server of which only the owner's address is known", () => {
  it("is used under the runtime roles all the same", async () => {
    const { workspaceId } = await test.createUser();
    const other = await test.createUser();
    const db = connect({ urls: urlsFromOwner(test.urls.owner) });
    try {
      for (const role of ["app", "auth", "journal"] as const) {
        const { rows } = await db.pools[role].query("SELECT current_user AS user, current_setting('is_superuser') AS super");
        expect(rows).toEqual([{ user: `heddle_${role}`, super: "off" }]);
      }
      expect((await db.prismaFor(workspaceId).workspace.findMany()).map((each) => each.id)).toEqual([workspaceId]);
      expect((await db.prismaFor(other.workspaceId).workspaceMember.findMany()).map((each) => each.userId)).toEqual([other.userId]);
    } finally {
      await db.close();
    }
  });

  it("keeps the options that its address has", () => {
    const url = addStartOptions("postgresql://me@host/db?options=-c%20search_path%3Dpublic&sslmode=require", "-c role=heddle_app");
    expect(new URL(url).searchParams.get("options")).toBe("-c search_path=public -c role=heddle_app");
    expect(new URL(url).searchParams.get("sslmode")).toBe("require");
  });
});

describe("a connection that is dead and does not say so", () => {
  const throughProxy = async () => {
    const url = new URL(test.urls.owner);
    const proxy = await startTcpProxy({ path: `${url.searchParams.get("host") ?? ""}/.s.PGSQL.5432` });
    url.searchParams.delete("host");
    url.host = `127.0.0.1:${proxy.port}`;
    return { proxy, url: url.href };
  };

  it("is ended by its first query without an answer, also when it is given back as if it were well", async () => {
    const { proxy, url } = await throughProxy();
    const pool = new Pool({ Client: MortalClient, connectionString: url, max: 1, query_timeout: 200 });
    pool.on("error", () => undefined);
    const held = await pool.connect();
    held.on("error", () => undefined);
    await held.query("BEGIN");
    proxy.strand();
    await expect(held.query("SELECT 1")).rejects.toThrow("terminated");
    await expect(held.query("ROLLBACK")).rejects.toThrow(/terminated|not queryable/);
    held.release();
    expect((await pool.query("SELECT 2 AS two")).rows).toEqual([{ two: 2 }]);
    await pool.end();
    await proxy.close();
  });

  it("is found while it listens, and another hears what comes", async () => {
    const { proxy, url } = await throughProxy();
    const heard: string[] = [];
    const notifications = createNotifications({ url, onConnectionError: () => undefined, askEveryMs: 100 });
    notifications.listen("words", { payload: (text) => heard.push(text), missed: () => heard.push("(missed)") });
    await notifications.ready();
    proxy.strand();
    await expect.poll(() => heard, { timeout: 5_000 }).toEqual(["(missed)", "(missed)"]);
    await test.db.pools.app.query("SELECT pg_notify('words', 'hello')");
    await expect.poll(() => heard.at(-1)).toBe("hello");
    await notifications.close();
    await proxy.close();
  });
});

describe("a transaction", () => {
  it("is undone as a whole when its work fails", async () => {
    const { workspaceId } = await test.createUser();
    const entry = { workspaceId, scope: "workspace", owner: "", key: "k", value: 1 };
    await expect(
      test.db.transaction(workspaceId, async (tx) => {
        await tx.memoryEntry.create({ data: entry });
        throw new Error("no");
      }),
    ).rejects.toThrow("no");
    await expect(
      test.db.withWorkspace(workspaceId, async (client) => {
        await client.query("INSERT INTO memory_entries (workspace_id, scope, owner, key, value) VALUES ($1, 'workspace', '', 'k', '1')", [
          workspaceId,
        ]);
        throw new Error("no");
      }),
    ).rejects.toThrow("no");
    expect(await test.db.prismaFor(workspaceId).memoryEntry.count()).toBe(0);
  });
});

describe("a connection", () => {
  it("forgets its workspace and person with the transaction, whichever way it was used", async () => {
    const { workspaceId, userId } = await test.createUser();
    const db = connect({ urls: test.urls, maxConnections: { app: 1 } });
    try {
      for (const use of [
        () => db.prismaFor(workspaceId).agent.count(),
        () => db.transaction({ workspaceId, userId }, (tx) => tx.agent.count()),
        () => db.withTenant({ workspaceId, userId }, (client) => client.query("SELECT 1")),
        () => db.withWorkspace(workspaceId, (client) => client.query("SELECT nonsense")).catch(() => undefined),
      ]) {
        await use();
        const { rows } = await db.pools.app.query(
          "SELECT current_setting('app.workspace_id', true) AS workspace, current_setting('app.user_id', true) AS person",
        );
        expect(rows).toEqual([{ workspace: "", person: "" }]);
      }
    } finally {
      await db.close();
    }
  });
});

describe("the change feed", () => {
  it("tells other processes after the commit and never before", async () => {
    const { workspaceId } = await test.createUser();
    const other = connect({ urls: test.urls });
    const heard: ChangeEvent[] = [];
    other.changes.subscribe((event) => heard.push(event));
    await other.changes.ready();
    await expect(
      test.db.withWorkspace(workspaceId, async (client) => {
        await test.db.changes.publish({ kind: "agent", id: "undone", workspaceId }, client);
        throw new Error("no");
      }),
    ).rejects.toThrow("no");
    await test.db.changes.publish({ kind: "agent", id: "done", workspaceId });
    await expect.poll(() => heard).toEqual([{ kind: "agent", id: "done", workspaceId }]);
    await other.close();
  });

  it("says that something may have been missed when its connection was lost, and goes on", async () => {
    const other = connect({ urls: test.urls });
    const heard: string[] = [];
    other.changes.subscribe((event) => heard.push(event.kind));
    await other.changes.ready();
    await test.asOwner((client) =>
      client.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'heddle-changes'"),
    );
    await expect.poll(() => heard.filter((kind) => kind === "missed").length, { timeout: 5_000 }).toBeGreaterThanOrEqual(2);
    await test.db.changes.publish({ kind: "dataset", id: "x" });
    await expect.poll(() => heard).toContain("dataset");
    await other.close();
  });
});

describe("a database that is down", () => {
  it("is told as unavailable at once, and used again when it is back", async () => {
    const folder = await mkdtemp(join(tmpdir(), "heddle-down-"));
    let server = await startEmbeddedPostgres({ folder });
    await migrate(server.urls().owner);
    const db = connect({ urls: server.urls() });
    const id = "01890000-0000-7000-8000-000000000000";
    const uses = {
      raw: () => db.withWorkspace(id, (client) => client.query("SELECT 1")),
      prisma: () => db.prismaFor(id).agent.count(),
      transaction: () => db.transaction(id, (tx) => tx.agent.count()),
      lookup: () => db.lookups.locate("agent", id, id),
      ping: () => db.ping(),
    };
    try {
      await Promise.all(Object.values(uses).map((use) => use()));
      await server.stop();
      for (const [name, use] of Object.entries(uses)) {
        const error = await use().then(
          () => "it worked",
          (thrown: unknown) => thrown,
        );
        expect(isDatabaseUnavailable(error), `${name}: ${String(error)}`).toBe(true);
      }
      server = await startEmbeddedPostgres({ folder });
      await Promise.all(Object.values(uses).map((use) => use()));
    } finally {
      await db.close();
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    }
  });

  it("is not confused with one that refuses a statement", async () => {
    const client = new Client({ connectionString: test.urls.app });
    await client.connect();
    const refused: unknown = await client.query("SELECT nonsense").catch((error: unknown) => error);
    expect(isDatabaseUnavailable(refused)).toBe(false);
    await client.end();
  });
});
