import { uuidv7 } from "@heddle/db";
import { credentials as definitions } from "@heddle/nodes/credentials";
import { createTestDatabase, type TestDatabase } from "@heddle/testing/database";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createAccess } from "../access/access.ts";
import type { UserActor } from "../access/actor.ts";
import { type AuditLog, createAuditLog } from "../audit/audit-log.ts";
import { createCredentials, type Credentials } from "./credentials.ts";
import { createVault, type WrappingKey } from "./vault.ts";

const CANARY = "sk-canary-5b1f7d";
const firstKey: WrappingKey = { id: "first", key: new Uint8Array(32).fill(1) };
const secondKey: WrappingKey = { id: "second", key: new Uint8Array(32).fill(2) };

let test: TestDatabase;
let audit: AuditLog;
let access: ReturnType<typeof createAccess>;
let credentials: Credentials;
let owner: UserActor;
let workspaceId: string;
const opened: Credentials[] = [];

beforeAll(async () => {
  test = await createTestDatabase();
  access = createAccess(test.db);
  audit = createAuditLog({ db: test.db, access, key: new Uint8Array(32) });
  credentials = open(firstKey);
  await test.db.changes.ready();
});
beforeEach(async () => {
  const user = await test.createUser();
  ({ workspaceId } = user);
  owner = { kind: "user", userId: user.userId, sessionId: uuidv7(), email: user.email, name: null };
});
afterAll(async () => {
  for (const each of opened) each.close();
  await test.close();
});

function open(current: WrappingKey, previous: WrappingKey[] = []): Credentials {
  const made = createCredentials({ db: test.db, access, audit, vault: createVault({ db: test.db, current, previous }), definitions });
  opened.push(made);
  return made;
}
const openai = (name = "OpenAI") => ({ workspaceId, name, type: "openai", fields: { apiKey: CANARY } });
const bearer = { name: "Orders", type: "http-bearer", fields: { token: CANARY } };

describe("a credential", () => {
  it("is read by runs of its workspace, and shown without its secrets", async () => {
    const made = await credentials.create(owner, { ...openai(), fields: { apiKey: CANARY, baseUrl: "https://gateway.example/v1" } });
    expect(made).toMatchObject({
      name: "OpenAI",
      type: "openai",
      fields: { baseUrl: "https://gateway.example/v1" },
      allowedHosts: ["gateway.example"],
    });
    expect(JSON.stringify(made) + JSON.stringify(await credentials.list(owner, { workspaceId }))).not.toContain(CANARY);
    expect(await credentials.forWorkspace(workspaceId).resolve(made.id)).toEqual({
      id: made.id, type: "openai", fields: { apiKey: CANARY, baseUrl: "https://gateway.example/v1" }, allowedHosts: ["gateway.example"],
    }); // prettier-ignore
    expect(await credentials.namesOf(workspaceId)).toEqual([{ id: made.id, type: "openai", name: "OpenAI" }]);
  });

  it("is nowhere in the database in the clear", async () => {
    await credentials.create(owner, openai());
    const tables = await test.asOwner(async (client) => {
      const { rows } = await client.query<{ name: string }>(
        "SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace",
      );
      const dumps = [];
      for (const { name } of rows) dumps.push(JSON.stringify((await client.query(`SELECT t::text AS row FROM "${name}" t`)).rows));
      return dumps.join();
    });
    expect(tables).not.toContain(CANARY);
    expect(tables).not.toContain(Buffer.from(CANARY).toString("hex"));
  });

  it("does not exist for another workspace", async () => {
    const { id } = await credentials.create(owner, openai());
    const other = await test.createUser();
    const stranger = { ...owner, userId: other.userId };
    await expect(credentials.forWorkspace(other.workspaceId).resolve(id)).rejects.toMatchObject({ code: "not_found" });
    await expect(credentials.update(stranger, { id, name: "mine" })).rejects.toMatchObject({ code: "not_found" });
    await expect(credentials.delete(stranger, id)).rejects.toMatchObject({ code: "not_found" });
    await expect(credentials.forWorkspace(workspaceId).resolve("../x")).rejects.toMatchObject({ code: "not_found" });
  });

  it("keeps what an update leaves out, and takes effect at once", async () => {
    const { id } = await credentials.create(owner, { workspaceId, ...bearer, allowedHosts: ["API.example.com", "*.example.org"] });
    const port = credentials.forWorkspace(workspaceId);
    expect((await port.resolve(id)).allowedHosts).toEqual(["api.example.com", "*.example.org"]);
    await credentials.update(owner, { id, name: "Renamed", allowedHosts: ["api.example.com"] });
    await expect.poll(async () => (await port.resolve(id)).allowedHosts).toEqual(["api.example.com"]);
    expect((await port.resolve(id)).fields).toEqual({ token: CANARY });
    await credentials.update(owner, { id, fields: { token: "new" } });
    await expect.poll(async () => (await port.resolve(id)).fields).toEqual({ token: "new" });
    await credentials.delete(owner, id);
    await expect.poll(() => port.resolve(id).catch((error: { code: string }) => error.code)).toBe("not_found");
  });

  it("is not sent to other hosts by somebody who does not know it", async () => {
    const { id } = await credentials.create(owner, { workspaceId, ...bearer, allowedHosts: ["api.example.com"] });
    await expect(credentials.update(owner, { id, allowedHosts: ["evil.example"] })).rejects.toMatchObject({ code: "invalid_request" });
    await expect(credentials.update(owner, { id, allowedHosts: ["evil.example"], fields: { token: "known" } })).resolves.toMatchObject({
      allowedHosts: ["evil.example"],
    });
    const provider = await credentials.create(owner, openai());
    await expect(credentials.update(owner, { id: provider.id, fields: { baseUrl: "https://evil.example" } })).rejects.toMatchObject({
      code: "invalid_request",
    });
  });

  it.each([
    [{ type: "no-such-kind" }],
    [{ fields: {} }],
    [{ fields: { apiKey: CANARY, more: "x" } }],
    [{ fields: { apiKey: CANARY, constructor: "x" } }],
    [{ fields: { apiKey: CANARY, baseUrl: "javascript:alert(1)" } }],
    [{ ...bearer, allowedHosts: [] }],
    [{ ...bearer, allowedHosts: ["*"] }],
    [{ ...bearer, allowedHosts: ["https://example.com"] }],
    [{ ...bearer, allowedHosts: ["example.com/path"] }],
    [{ ...bearer, allowedHosts: ["example.com@evil.example"] }],
  ])("is refused with a reason that holds no secret: %j", async (change) => {
    const refused = await credentials.create(owner, { ...openai(), ...change }).catch((error: Error) => error);
    expect(refused).toMatchObject({ code: "invalid_request" });
    expect(JSON.stringify({ ...refused, message: (refused as Error).message })).not.toContain(CANARY);
  });

  it("has a name of its own in its workspace", async () => {
    await credentials.create(owner, openai("Same"));
    await expect(credentials.create(owner, openai("Same"))).rejects.toMatchObject({ code: "conflict" });
  });
});

describe("the vault", () => {
  const stored = (sql: string, values: unknown[] = []) =>
    test.asOwner(async (client) => (await client.query(sql, values)).rows as { id: string; sealed: Buffer }[]);

  it("opens a secret only where it belongs, and only as it was sealed", async () => {
    const [one, two] = [await credentials.create(owner, openai("One")), await credentials.create(owner, openai("Two"))];
    await stored("UPDATE credentials SET sealed = (SELECT sealed FROM credentials WHERE id = $1) WHERE id = $2", [one.id, two.id]);
    await expect(credentials.forWorkspace(workspaceId).resolve(two.id)).rejects.toMatchObject({ code: "internal" });
    await stored("UPDATE credentials SET sealed = set_byte(sealed, 20, get_byte(sealed, 20) # 1) WHERE id = $1", [one.id]);
    await expect(credentials.forWorkspace(workspaceId).resolve(one.id)).rejects.toMatchObject({ code: "internal" });
  });

  it("never uses a nonce twice", async () => {
    const made = await Promise.all(Array.from({ length: 20 }, (_, index) => credentials.create(owner, openai(`N${index}`))));
    const rows = await stored("SELECT id, sealed FROM credentials WHERE id = ANY ($1)", [made.map((each) => each.id)]);
    expect(new Set(rows.map((row) => row.sealed.subarray(0, 12).toString("hex"))).size).toBe(20);
  });

  it("rotates the wrapping key without touching the secrets", async () => {
    const { id } = await credentials.create(owner, openai());
    const [before] = await stored("SELECT id, sealed FROM credentials WHERE id = $1", [id]);
    const rotated = open(secondKey, [firstKey]);
    expect((await rotated.forWorkspace(workspaceId).resolve(id)).fields).toEqual({ apiKey: CANARY });
    expect(await createVault({ db: test.db, current: secondKey, previous: [firstKey] }).rewrapAll()).toBeGreaterThan(0);
    expect((await open(secondKey).forWorkspace(workspaceId).resolve(id)).fields).toEqual({ apiKey: CANARY });
    await expect(open(firstKey).forWorkspace(workspaceId).resolve(id)).rejects.toMatchObject({ code: "internal" });
    expect((await stored("SELECT id, sealed FROM credentials WHERE id = $1", [id]))[0]?.sealed).toEqual(before?.sealed);
    await createVault({ db: test.db, current: firstKey, previous: [secondKey] }).rewrapAll();
  });

  it("has erased a workspace's secrets once its data key is gone", async () => {
    const { id } = await credentials.create(owner, openai());
    await test.asOwner((client) => client.query("DELETE FROM workspace_keys WHERE workspace_id = $1", [workspaceId]));
    await expect(open(firstKey).forWorkspace(workspaceId).resolve(id)).rejects.toMatchObject({ code: "internal" });
  });
});
