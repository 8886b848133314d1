import { uuidv7 } from "@heddle/db";
import { createTestDatabase, type TestDatabase } from "@heddle/testing/database";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { createAccess } from "../access/access.ts";
import type { UserActor } from "../access/actor.ts";
import { createAuditLog } from "../audit/audit-log.ts";
import { type ApiKeys, createApiKeys } from "./api-keys.ts";
import { createKey, isKey } from "./key-format.ts";

let test: TestDatabase;
let keys: ApiKeys;
let elsewhere: ApiKeys;
let owner: UserActor;
let workspaceId: string;

beforeAll(async () => {
  test = await createTestDatabase();
  const access = createAccess(test.db);
  const audit = createAuditLog({ db: test.db, access, key: new Uint8Array(32) });
  const options = { db: test.db, access, audit, pepper: new Uint8Array(32).fill(3) };
  keys = createApiKeys(options);
  elsewhere = createApiKeys(options);
  await test.db.changes.ready();
  const user = await test.createUser();
  ({ workspaceId } = user);
  owner = { kind: "user", userId: user.userId, sessionId: uuidv7(), email: user.email, name: null };
});
afterAll(async () => {
  keys.close();
  elsewhere.close();
  await test.close();
});

it("makes a key that is shown once, stored as a hash, and opens its workspace with its scopes", async () => {
  const { key, ...resource } = await keys.create(owner, { workspaceId, name: "CI", scopes: ["read", "write", "read"] });
  expect(key).toMatch(/^hdl_[0-9A-Za-z]{49}$/);
  expect(resource).toMatchObject({ name: "CI", prefix: key.slice(0, 12), scopes: ["read", "write"], lastUsedAt: null, expiresAt: null });
  expect(await keys.authenticate(key)).toEqual({
    kind: "apiKey",
    apiKeyId: resource.id,
    workspaceId,
    name: "CI",
    scopes: ["read", "write"],
  });
  const dump = await test.asOwner(async (client) => JSON.stringify((await client.query("SELECT * FROM api_keys, audit_events")).rows));
  expect(dump).not.toContain(key);
  expect(dump).not.toContain(key.slice(12, 40));
  expect(JSON.stringify(await keys.list(owner, { workspaceId }))).not.toContain(key);
});

it("asks the database once for many requests, and notes when a key was last used", async () => {
  const { key, id } = await keys.create(owner, { workspaceId, name: "Busy", scopes: ["write"] });
  const ask = vi.spyOn(test.db.lookups, "apiKeyByHash");
  for (let request = 0; request < 50; request += 1) await keys.authenticate(key);
  expect(ask).toHaveBeenCalledTimes(1);
  ask.mockRestore();
  const used = async () => (await keys.list(owner, { workspaceId })).items.find((each) => each.id === id)?.lastUsedAt;
  await expect.poll(used).not.toBeNull();
});

it("ends a key at once, here and in other processes", async () => {
  const { key, id } = await keys.create(owner, { workspaceId, name: "Leaked", scopes: ["read"] });
  expect(await elsewhere.authenticate(key)).toBeDefined();
  await keys.revoke(owner, { workspaceId, id });
  await expect.poll(() => keys.authenticate(key)).toBeUndefined();
  await expect.poll(() => elsewhere.authenticate(key), { timeout: 2_000 }).toBeUndefined();
  await expect(keys.revoke(owner, { workspaceId, id })).rejects.toMatchObject({ code: "not_found" });
});

it("stops at a key's expiry although the key is remembered", async () => {
  const expiresAt = new Date(Date.now() + 60_000).toISOString();
  const { key } = await keys.create(owner, { workspaceId, name: "Short", scopes: ["read"], expiresAt });
  expect(await keys.authenticate(key)).toBeDefined();
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 60_001 });
  expect(await keys.authenticate(key)).toBeUndefined();
  vi.useRealTimers();
  await expect(
    keys.create(owner, { workspaceId, name: "x", scopes: ["read"], expiresAt: "2020-01-01T00:00:00.000Z" }),
  ).rejects.toMatchObject({ code: "invalid_request" });
});

it("refuses what can't be a key without asking the database", async () => {
  const ask = vi.spyOn(test.db.lookups, "apiKeyByHash");
  const { key } = await keys.create(owner, { workspaceId, name: "Real", scopes: ["read"] });
  const wrong = `${key.slice(0, 20)}${key[20] === "a" ? "b" : "a"}${key.slice(21)}`;
  for (const text of ["", "undefined", "null", "hdl_", key.slice(0, -1), `${key}x`, key.toLowerCase(), wrong])
    expect(await keys.authenticate(text), text).toBeUndefined();
  expect(ask).not.toHaveBeenCalled();
  expect(await keys.authenticate(createKey())).toBeUndefined();
  expect(ask).toHaveBeenCalledTimes(1);
  ask.mockRestore();
});

it("makes keys that differ and check", () => {
  const made = Array.from({ length: 200 }, createKey);
  expect(new Set(made).size).toBe(200);
  expect(made.every(isKey)).toBe(true);
});

it("is for admins, and never for keys", async () => {
  const stranger = await test.createUser();
  const outsider = { ...owner, userId: stranger.userId };
  await expect(keys.create(outsider, { workspaceId, name: "x", scopes: ["read"] })).rejects.toMatchObject({ code: "not_found" });
  await expect(keys.list(outsider, { workspaceId })).rejects.toMatchObject({ code: "not_found" });
  const { key } = await keys.create(owner, { workspaceId, name: "All", scopes: ["read", "write", "deploy"] });
  const actor = await keys.authenticate(key);
  if (actor === undefined) throw new Error("no actor");
  await expect(keys.create(actor, { workspaceId, name: "heir", scopes: ["read"] })).rejects.toMatchObject({ code: "forbidden" });
});

it("looks up a key in use again before it is forgotten, once, and forgets one that has ended", async () => {
  const { key, id } = await keys.create(owner, { workspaceId, name: "Steady", scopes: ["write"] });
  vi.useFakeTimers({ toFake: ["Date"] });
  const ask = vi.spyOn(test.db.lookups, "apiKeyByHash");
  try {
    await keys.authenticate(key);
    const later = async (ms: number): Promise<boolean> => {
      vi.setSystemTime(Date.now() + ms);
      const isKnown = keys.recall(key) !== undefined && keys.recall(key) !== undefined;
      await Promise.allSettled(ask.mock.results.map(({ value }) => value as Promise<unknown>));
      return isKnown;
    };
    expect(await later(2_500)).toBe(true);
    expect(ask).toHaveBeenCalledTimes(1);
    expect(await later(1_000)).toBe(true);
    expect(ask).toHaveBeenCalledTimes(2);
    // Past the end of what was remembered first.
    expect(await later(2_500)).toBe(true);
    // Its end was told to nobody.
    await test.asOwner((client) => client.query("DELETE FROM api_keys WHERE id = $1", [id]));
    expect(await later(1_000)).toBe(true);
    expect(keys.recall(key)).toBeUndefined();
  } finally {
    vi.useRealTimers();
    ask.mockRestore();
  }
});
