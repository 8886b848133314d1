import { createTestDatabase, type TestDatabase } from "@heddle/testing/database";
import { uuidv7 } from "uuidv7";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

let test: TestDatabase;
let ada: { userId: string; workspaceId: string };
let bob: { userId: string; workspaceId: string };

beforeAll(async () => {
  test = await createTestDatabase();
  [ada, bob] = await Promise.all([test.createUser(), test.createUser()]);
});
afterAll(() => test.close());

const catalogue = (sql: string) => test.asOwner(async (client) => (await client.query(sql)).rows as Record<string, unknown>[]);

describe("the catalogue", () => {
  it("forces row-level security on every table with a workspace", async () => {
    const tables = await catalogue(`
      SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity AS forced,
        (SELECT count(*)::int FROM pg_policy p WHERE p.polrelid = c.oid) AS policies
      FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'workspace_id'
      WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition`);
    expect(tables.length).toBeGreaterThan(20);
    expect(tables.filter(({ forced, policies }) => forced !== true || policies === 0)).toEqual([]);
  });

  it("leaves no table of ours without forced row-level security", async () => {
    const open = await catalogue(`
      SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
      AND NOT (relrowsecurity AND relforcerowsecurity) AND relname <> '_prisma_migrations'`);
    expect(open).toEqual([]);
  });

  it("opens partitions to nobody who names them", async () => {
    const partitions = await catalogue(`
      SELECT c.relname, r.rolname,
        has_table_privilege(r.rolname, c.oid, 'SELECT') OR has_table_privilege(r.rolname, c.oid, 'INSERT')
          OR has_table_privilege(r.rolname, c.oid, 'UPDATE') OR has_table_privilege(r.rolname, c.oid, 'DELETE') AS granted
      FROM pg_class c CROSS JOIN pg_roles r
      WHERE c.relispartition AND c.relkind = 'r' AND r.rolname LIKE 'heddle\\_%' AND NOT r.rolsuper`);
    expect(partitions.length).toBeGreaterThan(20);
    expect(partitions.filter(({ granted }) => granted === true)).toEqual([]);
  });

  it("lets no runtime role own a table, bypass policies or act as another", async () => {
    const roles = await catalogue(`
      SELECT rolname, rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb AS privileged,
        (SELECT count(*)::int FROM pg_class WHERE relowner = r.oid) AS owned,
        (SELECT count(*)::int FROM pg_auth_members m WHERE m.member = r.oid) AS memberships
      FROM pg_roles r WHERE rolname IN ('heddle_app', 'heddle_auth', 'heddle_journal', 'heddle_system') ORDER BY 1`);
    expect(roles).toEqual(
      ["heddle_app", "heddle_auth", "heddle_journal", "heddle_system"].map((rolname) => ({
        rolname, privileged: false, owned: 0, memberships: 0,
      })), // prettier-ignore
    );
  });

  it("lets the queue's role see nothing but its own schema", async () => {
    const seen = await catalogue(`
      SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'heddle_jobs') AND c.relkind IN ('r', 'p', 'v', 'm')
        AND n.nspname NOT LIKE 'pg\\_%' AND has_table_privilege('heddle_jobs', c.oid, 'SELECT, INSERT, UPDATE, DELETE')`);
    expect(seen).toEqual([]);
    expect(await catalogue("SELECT has_schema_privilege('heddle_jobs', 'public', 'USAGE') AS public")).toEqual([{ public: false }]);
  });

  it("carries the workspace in every foreign key between a workspace's tables", async () => {
    const narrow = await catalogue(`
      SELECT k.conname FROM pg_constraint k
      WHERE k.contype = 'f' AND k.connamespace = 'public'::regnamespace
        AND EXISTS (SELECT FROM pg_attribute WHERE attrelid = k.confrelid AND attname = 'workspace_id')
        AND NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = k.conrelid AND attnum = ANY (k.conkey) AND attname = 'workspace_id')`);
    expect(narrow).toEqual([]);
  });
});

describe("another workspace's rows", () => {
  it("are not seen, changed or deleted", async () => {
    const id = uuidv7();
    await test.db.prismaFor(ada.workspaceId).agent.create({ data: { id, workspaceId: ada.workspaceId, name: "Ada's", config: {} } });
    const asBob = test.db.prismaFor(bob.workspaceId);
    expect(await asBob.agent.findUnique({ where: { id } })).toBeNull();
    expect(await asBob.agent.updateMany({ where: { id }, data: { name: "Bob's" } })).toEqual({ count: 0 });
    expect(await asBob.agent.deleteMany({ where: { id } })).toEqual({ count: 0 });
    expect((await test.db.prismaFor(ada.workspaceId).agent.findUnique({ where: { id } }))?.name).toBe("Ada's");
  });

  it("can't be written", async () => {
    const write = test.db
      .prismaFor(bob.workspaceId)
      .agent.create({ data: { id: uuidv7(), workspaceId: ada.workspaceId, name: "x", config: {} } });
    await expect(write).rejects.toThrow(/row-level security/);
  });

  it("can't be pointed at", async () => {
    const agentId = uuidv7();
    await test.db
      .prismaFor(ada.workspaceId)
      .agent.create({ data: { id: agentId, workspaceId: ada.workspaceId, name: "Ada's", config: {} } });
    const pointing = test.db.prismaFor(bob.workspaceId).agentVersion.create({
      data: { id: uuidv7(), workspaceId: bob.workspaceId, agentId, number: 1, config: {}, configHash: "x" },
    });
    await expect(pointing).rejects.toMatchObject({ code: "P2003" });
  });

  it("stay apart under many calls at once over few connections", async () => {
    const people = await Promise.all(Array.from({ length: 8 }, () => test.createUser()));
    await Promise.all(
      people.map(({ workspaceId }) =>
        test.db
          .prismaFor(workspaceId)
          .memoryEntry.create({ data: { workspaceId, scope: "workspace", owner: "", key: "mine", value: workspaceId } }),
      ),
    );
    const reads = Array.from({ length: 120 }, (_, index) => people[index % people.length]?.workspaceId ?? "");
    const seen = await Promise.all(reads.map((workspaceId) => test.db.prismaFor(workspaceId).memoryEntry.findMany()));
    expect(seen.map((rows) => rows.map((row) => row.value))).toEqual(reads.map((workspaceId) => [workspaceId]));
  });

  it("are hidden where no workspace was named, and after one was", async () => {
    const client = await test.db.pools.app.connect();
    try {
      await client.query("BEGIN");
      await client.query("SELECT set_config('app.workspace_id', $1, true)", [ada.workspaceId]);
      expect((await client.query("SELECT FROM agents")).rowCount).toBeGreaterThan(0);
      await client.query("COMMIT");
      expect((await client.query("SELECT FROM agents")).rowCount).toBe(0);
    } finally {
      client.release();
    }
  });
});

describe("people", () => {
  it("get a personal workspace in the same transaction that makes them", async () => {
    const { rows } = await test.db.withUser(ada.userId, (client) => client.query("SELECT role FROM workspace_members"));
    expect(rows).toEqual([{ role: "OWNER" }]);
  });

  it("see the workspaces they are in and no others", async () => {
    const { rows } = await test.db.withUser(ada.userId, (client) => client.query("SELECT id FROM workspaces"));
    expect(rows).toEqual([{ id: ada.workspaceId }]);
  });

  it("are seen by the members of a workspace and by nobody else, without their passwords", async () => {
    const { rows } = await test.db.withWorkspace(ada.workspaceId, (client) => client.query("SELECT id FROM users"));
    expect(rows).toEqual([{ id: ada.userId }]);
    await expect(test.db.pools.app.query("SELECT password FROM accounts")).rejects.toThrow(/permission denied/);
    await expect(test.db.pools.app.query("SELECT token FROM sessions")).rejects.toThrow(/permission denied/);
    await expect(test.db.pools.auth.query("SELECT FROM agents")).rejects.toThrow(/permission denied/);
  });

  it("are located only where they are members", async () => {
    expect(await test.db.lookups.locate("workspace", ada.workspaceId, ada.userId)).toEqual({ workspaceId: ada.workspaceId, role: "OWNER" });
    expect(await test.db.lookups.locate("workspace", ada.workspaceId, bob.userId)).toBeUndefined();
    expect(await test.db.lookups.locate("agent", "' OR true --", ada.userId)).toBeUndefined();
  });
});

describe("the typed client", () => {
  it("knows every table as it is", async () => {
    const client = test.db.prismaFor(ada.workspaceId) as unknown as Record<string, { findFirst?: () => Promise<unknown> }>;
    const tenantModels = [
      "workspace", "workspaceMember", "invitation", "apiKey", "agent", "agentVersion", "deployment", "agentTest", "template", "execution",
      "executionTrace", "conversation", "conversationMessage", "memoryEntry", "idempotencyRecord", "dataset", "datasetRow", "classifier",
      "knowledgeBase", "knowledgeDocument", "knowledgePassage", "workspaceKey", "credential", "auditEvent", "auditHead",
    ]; // prettier-ignore
    for (const model of tenantModels) await expect(client[model]?.findFirst?.(), model).resolves.not.toThrow();
    for (const model of ["user", "session", "account", "verification", "rateLimit"] as const) {
      await expect((test.db.auth[model] as { findFirst: () => Promise<unknown> }).findFirst(), model).resolves.not.toThrow();
    }
  });

  it("keeps values byte for byte, NUL included", async () => {
    const config = { b: 1, a: "nul\u0000", "": [1e300] };
    const id = uuidv7();
    await test.db.prismaFor(ada.workspaceId).agent.create({ data: { id, workspaceId: ada.workspaceId, name: "kept", config } });
    const kept = await test.db.prismaFor(ada.workspaceId).agent.findUnique({ where: { id } });
    expect(JSON.stringify(kept?.config)).toBe(JSON.stringify(config));
  });
});
