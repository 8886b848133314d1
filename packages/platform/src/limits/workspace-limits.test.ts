import { connect, type Database, uuidv7 } from "@heddle/db";
import { createTestDatabase, type TestDatabase } from "@heddle/testing/database";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createAccess } from "../access/access.ts";
import { createAuditLog } from "../audit/audit-log.ts";
import { createLimits, type Limits } from "./limits.ts";

let test: TestDatabase;
let other: Database;
let limits: Limits;
let elsewhere: Limits;
let workspaceId: string;
const agentId = uuidv7();

beforeAll(async () => {
  test = await createTestDatabase();
  other = connect({ urls: test.urls });
  limits = limitsOn(test.db);
  elsewhere = limitsOn(other);
  ({ workspaceId } = await test.createUser());
  await test.db.prismaFor(workspaceId).agent.create({ data: { id: agentId, workspaceId, name: "A", config: {} } });
});
afterAll(async () => {
  await limits.close();
  await elsewhere.close();
  await other.close();
  await test.close();
});

function limitsOn(db: Database): Limits {
  const access = createAccess(db);
  const audit = createAuditLog({ db, access, key: new Uint8Array(32) });
  return createLimits({ db, access, audit, publicUrl: "http://localhost:3000", owner: () => "" });
}

describe("a workspace's limits", () => {
  it("are those of self-hosting until somebody chooses others: a hundred runs at once and nothing else", async () => {
    expect(await limits.of(workspaceId)).toMatchObject({
      plan: "self-hosted",
      concurrency: 100,
      isConcurrencySet: false,
      run: { maxTokens: null, maxCostUsd: null, maxDurationMs: null, maxSteps: null },
      month: { executions: null, tokens: null, costUsd: null },
    });
    expect(await limits.concurrencyOf(workspaceId, agentId)).toEqual({ workspace: 100, agent: null });
  });

  it("are answered without a promise once they are known", async () => {
    await limits.of(workspaceId);
    expect(limits.concurrencyOf(workspaceId, agentId)).toEqual({ workspace: 100, agent: null });
  });

  it("change in every process when they change in one", async () => {
    await Promise.all([limits.of(workspaceId), elsewhere.of(workspaceId)]);
    const data = { workspaceId, concurrency: 7, monthMaxExecutions: 1_000 };
    await test.db.prismaFor(workspaceId).workspaceLimits.create({ data });
    await test.db.prismaFor(workspaceId).agentLimits.create({ data: { workspaceId, agentId, concurrency: 2 } });
    await test.db.changes.publish({ kind: "limits", id: workspaceId, workspaceId });
    for (const each of [limits, elsewhere]) {
      await expect.poll(() => each.concurrencyOf(workspaceId, agentId)).toEqual({ workspace: 7, agent: 2 });
      expect(await each.of(workspaceId)).toMatchObject({ isConcurrencySet: true, month: { executions: 1_000 } });
    }
  });

  it("are never above those of the plan", async () => {
    const { workspaceId: paying } = await test.createUser();
    await test.db.prismaFor(paying).workspaceLimits.create({
      data: { workspaceId: paying, plan: "free", concurrency: 1_000, runMaxSteps: 10, monthMaxExecutions: 5_000_000 },
    });
    expect(await limits.of(paying)).toMatchObject({
      plan: "free",
      concurrency: 5,
      isConcurrencySet: true,
      run: { maxSteps: 10, maxTokens: 200_000 },
      month: { executions: 1_000 },
    });
  });
});
