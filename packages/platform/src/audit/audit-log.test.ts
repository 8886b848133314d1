import { uuidv7 } from "@heddle/db";
import { createTestDatabase, type TestDatabase } from "@heddle/testing/database";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createAccess } from "../access/access.ts";
import type { UserActor } from "../access/actor.ts";
import { type AuditLog, createAuditLog } from "./audit-log.ts";

let test: TestDatabase;
let audit: AuditLog;
let actor: UserActor;
let workspaceId: string;

beforeAll(async () => {
  test = await createTestDatabase();
  audit = createAuditLog({ db: test.db, access: createAccess(test.db), key: new Uint8Array(32).fill(7) });
});
beforeEach(async () => {
  const user = await test.createUser();
  ({ workspaceId } = user);
  actor = { kind: "user", userId: user.userId, sessionId: uuidv7(), email: user.email, name: "Ada" };
});
afterAll(() => test.close());

async function record(count: number): Promise<void> {
  for (let index = 1; index <= count; index += 1) {
    await audit.record(actor, workspaceId, "agent.created", `agent-${index}`, { name: `Agent ${index}`, "2": "b", "1": "a\u0000" });
  }
}
const tamper = (sql: string) => test.asOwner((client) => client.query(sql, [workspaceId]));

describe("the audit log", () => {
  it("lists who did what, newest first, by pages", async () => {
    await record(5);
    const first = await audit.list(actor, { workspaceId, limit: 3 });
    expect(first.items.map((event) => event.target)).toEqual(["agent-5", "agent-4", "agent-3"]);
    expect(first.items[0]).toMatchObject({ actor: actor.email, action: "agent.created", details: { name: "Agent 5" } });
    const second = await audit.list(actor, { workspaceId, limit: 3, cursor: first.nextCursor ?? "" });
    expect(second.items.map((event) => event.target)).toEqual(["agent-2", "agent-1"]);
    expect(second.nextCursor).toBeNull();
    await expect(audit.list(actor, { workspaceId, cursor: "'; --" })).rejects.toMatchObject({ code: "invalid_request" });
  });

  it("is whole when nobody touched it, also after many wrote at once", async () => {
    expect(await audit.verify(actor, workspaceId)).toEqual({ isIntact: true, events: 0 });
    await Promise.all(Array.from({ length: 12 }, () => record(1)));
    expect(await audit.verify(actor, workspaceId)).toEqual({ isIntact: true, events: 12 });
  });

  it.each([
    ["a changed detail", `UPDATE audit_events SET details = '{}' WHERE workspace_id = $1 AND sequence = 3`, 3, "changed"],
    ["a changed actor", `UPDATE audit_events SET actor = 'user:x' WHERE workspace_id = $1 AND sequence = 1`, 1, "changed"],
    ["a changed time", `UPDATE audit_events SET at = at - interval '1 day' WHERE workspace_id = $1 AND sequence = 2`, 2, "changed"],
    ["a removed event", `DELETE FROM audit_events WHERE workspace_id = $1 AND sequence = 2`, 2, "missing"],
    ["a removed beginning", `DELETE FROM audit_events WHERE workspace_id = $1 AND sequence = 1`, 1, "missing"],
    ["a removed end", `DELETE FROM audit_events WHERE workspace_id = $1 AND sequence = 5`, 5, "missing"],
    [
      "a gap that was closed",
      `WITH gone AS (DELETE FROM audit_events WHERE workspace_id = $1 AND sequence = 5) UPDATE audit_heads SET sequence = 4 WHERE workspace_id = $1`,
      5,
      "missing",
    ],
    ["everything removed", `DELETE FROM audit_events WHERE workspace_id = $1`, 1, "missing"],
  ])("names %s", async (_, sql, sequence, problem) => {
    await record(5);
    await tamper(sql);
    expect(await audit.verify(actor, workspaceId)).toEqual({ isIntact: false, sequence, problem });
  });

  it("can't be changed or shortened by the role that serves requests", async () => {
    await record(1);
    for (const sql of ["UPDATE audit_events SET actor = 'x'", "DELETE FROM audit_events", "DELETE FROM audit_heads"]) {
      await expect(
        test.db.withWorkspace(workspaceId, (client) => client.query(sql)),
        sql,
      ).rejects.toThrow(/permission denied/);
    }
  });

  it("records nothing of what was rolled back", async () => {
    const undone = test.db.withWorkspace(workspaceId, async (client) => {
      await audit.recordWithin(client, { actor, workspaceId, action: "x", target: null, details: {} });
      throw new Error("undone");
    });
    await expect(undone).rejects.toThrow("undone");
    expect(await audit.verify(actor, workspaceId)).toEqual({ isIntact: true, events: 0 });
  });
});
