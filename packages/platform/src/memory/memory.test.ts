import { randomUUID } from "node:crypto";
import type { RunFacts } from "@heddle/node-kit";
import { createTestDatabase, type TestDatabase } from "@heddle/testing/database";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createConversations } from "./conversations.ts";
import { createKeyValues } from "./key-values.ts";

let database: TestDatabase;
let workspaceId: string;
let otherWorkspaceId: string;
beforeAll(async () => {
  database = await createTestDatabase();
  workspaceId = (await database.createUser()).workspaceId;
  otherWorkspaceId = (await database.createUser()).workspaceId;
});
afterAll(() => database.close());

const agentId = randomUUID();
const run = (facts: Partial<RunFacts> = {}): RunFacts => ({
  executionId: randomUUID(),
  agentId,
  workspaceId,
  startedAt: 0,
  isDeployed: true,
  ...facts,
});
const keyValues = (facts?: Partial<RunFacts>) => createKeyValues(database.db, run(facts));
const conversation = (facts?: Partial<RunFacts>) => createConversations(database.db, run({ conversationId: "c1", ...facts }));

describe("key-values", () => {
  it("are kept within their scope and workspace", async () => {
    await keyValues().set("workspace", "shared", { a: [1, null] });
    await keyValues({ conversationId: "one" }).set("conversation", "name", "Ada");
    expect(await keyValues().get("workspace", "shared")).toEqual({ a: [1, null] });
    expect(await keyValues({ workspaceId: otherWorkspaceId }).get("workspace", "shared")).toBeUndefined();
    expect(await keyValues({ conversationId: "one" }).get("conversation", "name")).toBe("Ada");
    expect(await keyValues({ conversationId: "two" }).get("conversation", "name")).toBeUndefined();
    expect(await keyValues({ conversationId: "one", agentId: randomUUID() }).get("conversation", "name")).toBeUndefined();
    expect(await keyValues().get("execution", "shared")).toBeUndefined();
  });

  it("count each step once, however often it is tried, and all of those at once", async () => {
    const port = keyValues();
    expect(await Promise.all([port.increment("agent", "n", 2, "run:a"), port.increment("agent", "n", 3, "run:b")])).toContain(5);
    expect(await port.increment("agent", "n", 2, "run:a")).toBeLessThanOrEqual(5);
    expect(await port.get("agent", "n")).toBe(5);
  });

  it("forget what has expired or was deleted", async () => {
    const port = keyValues();
    await port.set("workspace", "brief", 1, 1);
    await expect.poll(() => port.get("workspace", "brief")).toBeUndefined();
    await port.set("workspace", "gone", 1);
    expect([await port.delete("workspace", "gone"), await port.delete("workspace", "gone")]).toEqual([true, false]);
  });

  it("refuse what can't be kept", async () => {
    const port = keyValues();
    await expect(port.set("workspace", "big", "x".repeat(300_000))).rejects.toMatchObject({ code: "value_too_large" });
    await expect(port.set("conversation", "k", 1)).rejects.toMatchObject({ code: "input_invalid" });
    await expect(port.set("workspace", "a\u0000b", 1)).rejects.toMatchObject({ code: "param_invalid" });
    await port.set("workspace", "text", "not a number");
    await expect(port.increment("workspace", "text", 1, "run:c")).rejects.toMatchObject({ code: "input_invalid" });
  });
});

describe("conversations", () => {
  it("keep messages in order, once per key, for their agent and workspace", async () => {
    const port = conversation();
    await port.append(
      [
        { role: "user", content: "hi\u0000" },
        { role: "assistant", content: "hello" },
      ],
      "run:1",
    );
    await port.append(
      [
        { role: "user", content: "hi" },
        { role: "assistant", content: "hello" },
      ],
      "run:1",
    );
    await port.append([{ role: "user", content: "bye" }], "run:2");
    expect((await port.load(10)).map((message) => message.content)).toEqual(["hi", "hello", "bye"]);
    expect((await port.load(1)).map((message) => message.content)).toEqual(["bye"]);
    expect(await conversation({ agentId: randomUUID() }).load(10)).toEqual([]);
    expect(await conversation({ workspaceId: otherWorkspaceId }).load(10)).toEqual([]);
  });

  it("remember nothing for runs that have none", async () => {
    const port = createConversations(database.db, run());
    await port.append([{ role: "user", content: "hi" }], "run:3");
    expect(await port.load(10)).toEqual([]);
  });
});
