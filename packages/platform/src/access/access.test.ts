import { uuidv7 } from "@heddle/db";
import type { Role } from "@heddle/schema";
import { createTestDatabase, type TestDatabase } from "@heddle/testing/database";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Access, createAccess } from "./access.ts";
import type { Actor } from "./actor.ts";
import { PERMISSIONS, type Permission, roleAllows, scopesAllow } from "./permission.ts";

let test: TestDatabase;
let access: Access;
let ada: { userId: string; workspaceId: string; email: string };
let bob: { userId: string; workspaceId: string; email: string };

beforeAll(async () => {
  test = await createTestDatabase();
  access = createAccess(test.db);
  await test.db.changes.ready();
  [ada, bob] = await Promise.all([test.createUser(), test.createUser()]);
});
afterAll(async () => {
  access.close();
  await test.close();
});

const actorOf = ({ userId, email }: { userId: string; email: string }): Actor => ({
  kind: "user",
  userId,
  email,
  name: null,
  sessionId: uuidv7(),
});
const keyOf = (workspaceId: string, ...scopes: ("read" | "write" | "deploy")[]): Actor => ({
  kind: "apiKey", apiKeyId: uuidv7(), workspaceId, name: "k", scopes,
}); // prettier-ignore

async function addMember(workspaceId: string, userId: string, role: Role): Promise<void> {
  await test.db.prismaFor(workspaceId).workspaceMember.create({ data: { id: uuidv7(), workspaceId, userId, role } });
}

describe("roles", () => {
  const table: Record<Role, Permission[]> = {
    VIEWER: ["read"],
    MEMBER: ["read", "write", "execute", "deploy"],
    ADMIN: [
      "read",
      "write",
      "execute",
      "deploy",
      "members.manage",
      "apiKeys.manage",
      "credentials.manage",
      "settings.manage",
      "audit.read",
    ],
    OWNER: [...PERMISSIONS],
  };
  it.each(Object.entries(table))("%s may do what it should and nothing else", async (role, allowed) => {
    const [person, { workspaceId }] = await Promise.all([test.createUser(), test.createUser()]);
    await addMember(workspaceId, person.userId, role as Role);
    for (const permission of PERMISSIONS) {
      const asked = access.authorize(actorOf(person), workspaceId, permission);
      if (allowed.includes(permission)) await expect(asked, permission).resolves.toEqual({ workspaceId, role });
      else await expect(asked, permission).rejects.toMatchObject({ code: "forbidden" });
    }
  });

  it("each include what the one below may do", () => {
    const order: Role[] = ["VIEWER", "MEMBER", "ADMIN", "OWNER"];
    for (const permission of PERMISSIONS) {
      const rights = order.map((role) => roleAllows(role, permission));
      expect(rights.toSorted(), permission).toEqual(rights);
    }
  });
});

describe("API keys", () => {
  it("may do what their scopes say, and never manage people, keys or credentials", () => {
    const allowed = (...scopes: ("read" | "write" | "deploy")[]) => PERMISSIONS.filter((permission) => scopesAllow(scopes, permission));
    expect(allowed("read")).toEqual(["read"]);
    expect(allowed("write")).toEqual(["write", "execute"]);
    expect(allowed("deploy")).toEqual(["deploy"]);
    expect(allowed("read", "write", "deploy")).toEqual(["read", "write", "execute", "deploy"]);
    expect(allowed()).toEqual([]);
  });

  it("work in their own workspace only", async () => {
    const key = keyOf(ada.workspaceId, "read", "write", "deploy");
    await expect(access.authorize(key, ada.workspaceId, "read")).resolves.toEqual({ workspaceId: ada.workspaceId, role: undefined });
    await expect(access.authorize(key, bob.workspaceId, "read")).rejects.toMatchObject({ code: "not_found" });
    await expect(access.authorizeResource(key, "workspace", bob.workspaceId, "read")).rejects.toMatchObject({ code: "not_found" });
    // A thing elsewhere sends the key home, where row-level security hides it.
    await expect(access.authorizeResource(key, "agent", uuidv7(), "read")).resolves.toMatchObject({ workspaceId: ada.workspaceId });
  });
});

describe("whoever is not a member", () => {
  it("learns nothing: what is elsewhere and what does not exist look the same", async () => {
    const agentId = uuidv7();
    await test.db.prismaFor(ada.workspaceId).agent.create({ data: { id: agentId, workspaceId: ada.workspaceId, name: "x", config: {} } });
    await expect(access.authorizeResource(actorOf(ada), "agent", agentId, "write")).resolves.toEqual({
      workspaceId: ada.workspaceId,
      role: "OWNER",
    });
    const elsewhere = await access.authorizeResource(actorOf(bob), "agent", agentId, "read").catch((error: Error) => error);
    const nowhere = await access.authorizeResource(actorOf(bob), "agent", uuidv7(), "read").catch((error: Error) => error);
    const malformed = await access.authorizeResource(actorOf(bob), "agent", "../../etc/passwd", "read").catch((error: Error) => error);
    for (const error of [elsewhere, nowhere, malformed]) {
      expect(error).toMatchObject({ code: "not_found", message: (nowhere as Error).message });
    }
    await expect(access.authorize(actorOf(bob), ada.workspaceId, "read")).rejects.toMatchObject({ code: "not_found" });
  });

  it("was one a moment ago and is shut out at once", async () => {
    const guest = await test.createUser();
    await addMember(ada.workspaceId, guest.userId, "MEMBER");
    const ask = () => access.authorize(actorOf(guest), ada.workspaceId, "read").then(() => "in", (error: { code: string }) => error.code); // prettier-ignore
    expect(await ask()).toBe("in");
    await test.db.prismaFor(ada.workspaceId).workspaceMember.deleteMany({ where: { userId: guest.userId } });
    await test.db.changes.publish({ kind: "membership", id: guest.userId, workspaceId: ada.workspaceId });
    await expect.poll(ask, { timeout: 2_000 }).toBe("not_found");
  });

  it("is shut out within five seconds even when the message is lost", async () => {
    let now = 0;
    const slow = createAccess(test.db, () => now);
    const guest = await test.createUser();
    await addMember(ada.workspaceId, guest.userId, "MEMBER");
    await slow.authorize(actorOf(guest), ada.workspaceId, "read");
    await test.db.prismaFor(ada.workspaceId).workspaceMember.deleteMany({ where: { userId: guest.userId } });
    now = 5_000;
    await expect(slow.authorize(actorOf(guest), ada.workspaceId, "read")).rejects.toMatchObject({ code: "not_found" });
    slow.close();
  });
});
