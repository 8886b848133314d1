import { createTestDatabase, type TestDatabase } from "@heddle/testing/database";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ExecutionSubscribers } from "./execution-subscribers.ts";

let test: TestDatabase;
let workspaceId: string;
beforeAll(async () => {
  test = await createTestDatabase();
  ({ workspaceId } = await test.createUser());
});
afterAll(() => test.close());

const subscribe = (events: string[]) =>
  test.db.withWorkspace(workspaceId, async (client) => {
    await client.query("DELETE FROM execution_subscribers");
    if (events.length > 0)
      await client.query("INSERT INTO execution_subscribers (workspace_id, consumer, events) VALUES ($1, 'test', $2)", [
        workspaceId,
        events,
      ]);
    await test.db.changes.publish({ kind: "subscriber", id: "test", workspaceId }, client);
  });

describe("who waits for runs to end", () => {
  it("is everybody until it is known, and then those who said so", async () => {
    await subscribe(["execution.failed"]);
    const subscribers = new ExecutionSubscribers(test.db, () => undefined);
    const wanted = () => (["execution.completed", "execution.failed"] as const).map((event) => subscribers.wants(workspaceId, event));
    expect(wanted()).toEqual([true, true]);
    await expect.poll(wanted).toEqual([false, true]);
    expect(subscribers.wants("0190b4d3-0000-7000-8000-000000000000", "execution.failed")).toBe(false);

    await subscribe(["execution.completed"]);
    await expect.poll(wanted).toEqual([true, false]);
    await subscribe([]);
    await expect.poll(wanted).toEqual([false, false]);
    subscribers.close();
  });

  it("is everybody again where a change may have been missed", async () => {
    const subscribers = new ExecutionSubscribers(test.db, () => undefined);
    const isWanted = () => subscribers.wants(workspaceId, "execution.failed");
    await expect.poll(isWanted).toBe(false);
    // The feed's connection breaks, and a change is told to nobody.
    await test.asOwner(async (client) => {
      await client.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'",
      );
      await client.query("INSERT INTO execution_subscribers (workspace_id, consumer, events) VALUES ($1, 'test', '{execution.failed}')", [
        workspaceId,
      ]);
    });
    await expect.poll(isWanted).toBe(true);
    await test.db.changes.ready();
    expect(isWanted()).toBe(true);
    subscribers.close();
  });
});
