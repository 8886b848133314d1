import { uuidv7 } from "@heddle/db";
import type { Role } from "@heddle/schema";
import { createTestDatabase, type TestDatabase } from "@heddle/testing/database";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createAccess } from "../access/access.ts";
import type { Actor, UserActor } from "../access/actor.ts";
import type { Mail } from "../accounts/mailer.ts";
import { createAuditLog } from "../audit/audit-log.ts";
import { createInvitations, type Invitations } from "../members/invitations.ts";
import { createMembers, type Members } from "../members/members.ts";
import { createWorkspaces, type Workspaces } from "./workspaces.ts";

type Person = UserActor & { workspaceId: string };

let test: TestDatabase;
let workspaces: Workspaces;
let members: Members;
let invitations: Invitations;
let owner: Person;
const mails: Mail[] = [];

beforeAll(async () => {
  test = await createTestDatabase();
  const access = createAccess(test.db);
  const audit = createAuditLog({ db: test.db, access, key: new Uint8Array(32) });
  workspaces = createWorkspaces({ db: test.db, access, audit });
  members = createMembers({ db: test.db, access, audit });
  invitations = createInvitations({
    db: test.db, access, audit, publicUrl: "https://heddle.example", mailer: { send: async (mail) => void mails.push(mail) },
  }); // prettier-ignore
  await test.db.changes.ready();
});
beforeEach(async () => {
  owner = await person();
});
afterAll(() => test.close());

async function person(): Promise<Person> {
  const user = await test.createUser();
  return { kind: "user", userId: user.userId, sessionId: uuidv7(), email: user.email, name: "Somebody", workspaceId: user.workspaceId };
}
/** Lets somebody into the owner's workspace by an invitation. */
async function join(role: Exclude<Role, "OWNER">): Promise<Person & { memberId: string }> {
  const guest = await person();
  const { link } = await invitations.invite(owner, { workspaceId: owner.workspaceId, email: guest.email, role });
  await invitations.accept(guest, tokenOf(link));
  const { items } = await members.list(owner, { workspaceId: owner.workspaceId });
  return { ...guest, memberId: items.find((each) => each.userId === guest.userId)?.id ?? "" };
}
const tokenOf = (link: string): string => new URL(link).searchParams.get("token") ?? "";
const idOf = async (userId: string): Promise<string> =>
  (await members.list(owner, { workspaceId: owner.workspaceId })).items.find((each) => each.userId === userId)?.id ?? "";
const keyActor = (workspaceId: string, ...scopes: ("read" | "write")[]): Actor => ({
  kind: "apiKey",
  apiKeyId: uuidv7(),
  workspaceId,
  name: "k",
  scopes,
});

describe("workspaces", () => {
  it("are made, listed by pages, renamed and deleted by their owner", async () => {
    const second = await workspaces.create(owner, { name: "Second" });
    expect(second).toMatchObject({ name: "Second", role: "OWNER" });
    const first = await workspaces.list(owner, { limit: 1 });
    expect(first.items.map((each) => each.id)).toEqual([owner.workspaceId]);
    const rest = await workspaces.list(owner, { limit: 1, cursor: first.nextCursor ?? "" });
    expect(rest).toMatchObject({ items: [{ id: second.id }], nextCursor: null });
    expect((await workspaces.update(owner, second.id, { name: "Renamed" })).name).toBe("Renamed");
    await workspaces.delete(owner, second.id);
    await expect(workspaces.byId(owner, second.id)).rejects.toMatchObject({ code: "not_found" });
  });

  it("are hidden from strangers", async () => {
    const stranger = await person();
    for (const attempt of [
      () => workspaces.byId(stranger, owner.workspaceId),
      () => workspaces.update(stranger, owner.workspaceId, { name: "Mine" }),
      () => workspaces.delete(stranger, owner.workspaceId),
      () => members.list(stranger, { workspaceId: owner.workspaceId }),
    ]) {
      await expect(attempt()).rejects.toMatchObject({ code: "not_found" });
    }
    expect((await workspaces.list(stranger, {})).items.map((each) => each.id)).toEqual([stranger.workspaceId]);
  });

  it("are not deleted when they are a person's last, also when two go at once", async () => {
    await expect(workspaces.delete(owner, owner.workspaceId)).rejects.toMatchObject({ code: "in_use" });
    const second = await workspaces.create(owner, { name: "Second" });
    const results = await Promise.allSettled([workspaces.delete(owner, owner.workspaceId), workspaces.delete(owner, second.id)]);
    expect(results.map((each) => each.status).toSorted()).toEqual(["fulfilled", "rejected"]);
  });

  it("show a key its own, and let it neither make nor delete any", async () => {
    const key = keyActor(owner.workspaceId, "read", "write");
    expect((await workspaces.list(key, {})).items).toMatchObject([{ id: owner.workspaceId, role: "MEMBER" }]);
    await expect(workspaces.create(key, { name: "x" })).rejects.toMatchObject({ code: "forbidden" });
    await expect(workspaces.delete(key, owner.workspaceId)).rejects.toMatchObject({ code: "forbidden" });
  });
});

describe("an invitation", () => {
  it("is mailed with a link that is stored as a hash only, and makes its person a member once", async () => {
    const guest = await person();
    const invited = await invitations.invite(owner, { workspaceId: owner.workspaceId, email: guest.email.toUpperCase(), role: "MEMBER" });
    const token = tokenOf(invited.link);
    expect(invited).toMatchObject({ email: guest.email, role: "MEMBER", isMailed: true });
    expect(mails.at(-1)?.text).toContain(invited.link);
    expect(JSON.stringify(await test.asOwner(async (client) => (await client.query("SELECT * FROM invitations")).rows))).not.toContain(
      token,
    );
    expect(await invitations.preview(token)).toMatchObject({ workspaceId: owner.workspaceId, email: guest.email, role: "MEMBER" });
    expect((await invitations.list(owner, owner.workspaceId)).map((each) => each.email)).toEqual([guest.email]);
    await invitations.accept(guest, token);
    expect((await workspaces.byId(guest, owner.workspaceId)).role).toBe("MEMBER");
    await expect(invitations.accept(guest, token)).rejects.toMatchObject({ code: "not_found" });
    expect(await invitations.list(owner, owner.workspaceId)).toEqual([]);
    await expect(invitations.invite(owner, { workspaceId: owner.workspaceId, email: guest.email, role: "VIEWER" })).rejects.toMatchObject({
      code: "conflict",
    });
  });

  it("is for the invited person only", async () => {
    const { link } = await invitations.invite(owner, { workspaceId: owner.workspaceId, email: "guest@example.com", role: "ADMIN" });
    await expect(invitations.accept(await person(), tokenOf(link))).rejects.toMatchObject({ code: "forbidden" });
  });

  it("is accepted once when it is clicked twice", async () => {
    const guest = await person();
    const { link } = await invitations.invite(owner, { workspaceId: owner.workspaceId, email: guest.email, role: "VIEWER" });
    const results = await Promise.allSettled([invitations.accept(guest, tokenOf(link)), invitations.accept(guest, tokenOf(link))]);
    expect(results.map((each) => each.status).toSorted()).toEqual(["fulfilled", "rejected"]);
  });

  it("ends when it is replaced, revoked or old", async () => {
    const guest = await person();
    const invite = async (): Promise<{ id: string; token: string }> => {
      const { id, link } = await invitations.invite(owner, { workspaceId: owner.workspaceId, email: guest.email, role: "VIEWER" });
      return { id, token: tokenOf(link) };
    };
    const [replaced, revoked] = [await invite(), await invite()];
    await expect(invitations.accept(guest, replaced.token)).rejects.toMatchObject({ code: "not_found" });
    await invitations.revoke(owner, { workspaceId: owner.workspaceId, invitationId: revoked.id });
    await expect(invitations.accept(guest, revoked.token)).rejects.toMatchObject({ code: "not_found" });
    const old = await invite();
    await test.asOwner((client) => client.query("UPDATE invitations SET expires_at = now() WHERE id = $1", [old.id]));
    await expect(invitations.accept(guest, old.token)).rejects.toMatchObject({ code: "not_found" });
  });

  it.each(["", "x", null, {}])("is not opened by the token %j", async (token) => {
    await expect(invitations.accept(owner, token as string)).rejects.toMatchObject({ code: "not_found" });
  });

  it("carries no link of the inviter's making", async () => {
    const mallory = { ...owner, name: "Mallory\n\nhttps://evil.example/login" };
    await invitations.invite(mallory, { workspaceId: owner.workspaceId, email: "target@example.com", role: "VIEWER" });
    const mail = mails.at(-1);
    expect(mail?.text.match(/https?:\/\/\S+/g)).toEqual([expect.stringMatching(/^https:\/\/heddle\.example\/invitation/)]);
    expect(mail?.subject).not.toContain("\n");
  });

  it("is made by admins and not by members", async () => {
    const [admin, member] = [await join("ADMIN"), await join("MEMBER")];
    const input = { workspaceId: owner.workspaceId, email: "new@example.com", role: "VIEWER" } as const;
    await expect(invitations.invite(member, input)).rejects.toMatchObject({ code: "forbidden" });
    await expect(invitations.invite(admin, input)).resolves.toMatchObject({ email: "new@example.com" });
  });
});

describe("members", () => {
  it("are promoted and removed by admins, except owners", async () => {
    const [admin, member] = [await join("ADMIN"), await join("MEMBER")];
    const { workspaceId } = owner;
    expect((await members.updateRole(admin, { workspaceId, memberId: member.memberId, role: "VIEWER" })).role).toBe("VIEWER");
    await expect(members.updateRole(admin, { workspaceId, memberId: member.memberId, role: "OWNER" })).rejects.toMatchObject({
      code: "forbidden",
    });
    await expect(members.updateRole(admin, { workspaceId, memberId: await idOf(owner.userId), role: "VIEWER" })).rejects.toMatchObject({
      code: "forbidden",
    });
    await expect(members.remove(admin, { workspaceId, memberId: await idOf(owner.userId) })).rejects.toMatchObject({ code: "forbidden" });
    await members.remove(admin, { workspaceId, memberId: member.memberId });
    await expect.poll(() => workspaces.byId(member, workspaceId).catch((error: { code: string }) => error.code)).toBe("not_found");
  });

  it("may leave, and may not remove others", async () => {
    const [one, two] = [await join("MEMBER"), await join("MEMBER")];
    const { workspaceId } = owner;
    await expect(members.remove(one, { workspaceId, memberId: two.memberId })).rejects.toMatchObject({ code: "forbidden" });
    await members.remove(one, { workspaceId, memberId: one.memberId });
    expect((await members.list(owner, { workspaceId })).items.map((each) => each.userId).toSorted()).toEqual(
      [owner.userId, two.userId].toSorted(),
    );
  });

  it("always include an owner, also when two step down at once", async () => {
    const { workspaceId } = owner;
    const ownId = await idOf(owner.userId);
    await expect(members.updateRole(owner, { workspaceId, memberId: ownId, role: "ADMIN" })).rejects.toMatchObject({ code: "in_use" });
    await expect(members.remove(owner, { workspaceId, memberId: ownId })).rejects.toMatchObject({ code: "in_use" });
    const second = await join("ADMIN");
    await members.updateRole(owner, { workspaceId, memberId: second.memberId, role: "OWNER" });
    const results = await Promise.allSettled([
      members.remove(owner, { workspaceId, memberId: ownId }),
      members.updateRole(second, { workspaceId, memberId: second.memberId, role: "VIEWER" }),
    ]);
    expect(results.filter((each) => each.status === "fulfilled")).toHaveLength(1);
    const rows = await test.asOwner(async (client) => (await client.query(
      `SELECT (SELECT count(*)::int FROM workspace_members m WHERE m.workspace_id = w.id AND role = 'OWNER') AS owners,
         EXISTS (SELECT FROM workspace_members m WHERE m.workspace_id = w.id AND m.user_id = w.owner_id AND role = 'OWNER') AS "isNamed"
       FROM workspaces w WHERE id = $1`, [workspaceId])).rows); // prettier-ignore
    expect(rows).toEqual([{ owners: 1, isNamed: true }]);
  });
});
