import { randomUUID } from "node:crypto";
import type { RunFacts } from "@heddle/node-kit";
import { createTestDatabase, type TestDatabase } from "@heddle/testing/database";
import { createWordEmbedder } from "@heddle/testing/word-embedder";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createConversations } from "./conversations.ts";
import { createKeyValues } from "./key-values.ts";
import { createVectorMemories } from "./vector-memories.ts";

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

  it("forget a counter after its time, which begins with its first count", async () => {
    const port = keyValues();
    expect(await port.increment("agent", "brief", 1, "run:x", 1)).toBe(1);
    await expect.poll(() => port.get("agent", "brief")).toBeUndefined();
    expect(await port.increment("agent", "brief", 1, "run:y", 60_000)).toBe(1);
    expect(await port.increment("agent", "brief", 1, "run:z", 1)).toBe(2);
    expect(await port.get("agent", "brief")).toBe(2);
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

  it("keep a summary up to a message, and go on from there", async () => {
    const port = conversation({ conversationId: "long" });
    expect(await port.history(10)).toEqual({ messages: [] });
    for (const number of [1, 2, 3]) await port.append([{ role: "user", content: `m${number}` }], `run:${number}`);
    const { messages, summary } = await port.history(10);
    expect([summary, messages.map(({ content }) => content)]).toEqual([undefined, ["m1", "m2", "m3"]]);
    await port.summarise("They said m1 and m2.", messages[1]!.id);
    // What was made of less than is kept comes too late.
    await port.summarise("They said m1.", messages[0]!.id);
    expect(await port.history(10)).toMatchObject({ summary: "They said m1 and m2.", messages: [{ content: "m3" }] });
    expect(await conversation({ conversationId: "long", workspaceId: otherWorkspaceId }).history(10)).toEqual({ messages: [] });
  });
});

describe("vector memories", () => {
  const embedder = createWordEmbedder();
  const vectors = (facts?: Partial<RunFacts>) =>
    createVectorMemories(database.db, run(facts), { dimensions: embedder.dimensions, embed: (texts) => embedder.embed(texts) });
  const recalled = async (port: ReturnType<typeof vectors>, query: string, rest: object = {}) =>
    (await port.recall({ scope: "agent", query, limit: 3, ...rest })).map(({ text }) => text);

  it("find texts by their meaning, closest first, within their scope and workspace", async () => {
    const own = { agentId: randomUUID() };
    const port = vectors(own);
    await port.remember({ scope: "agent", text: "Ada likes green tea", metadata: { person: "ada" } }, "run:1");
    await port.remember({ scope: "agent", text: "Bob likes coffee\u0000" }, "run:2");
    await port.remember({ scope: "workspace", text: "green tea is out" }, "run:3");
    const [first, second, ...rest] = await port.recall({ scope: "agent", query: "who likes green tea", limit: 5 });
    expect(first).toMatchObject({ text: "Ada likes green tea", metadata: { person: "ada" } });
    expect(second).toMatchObject({ text: "Bob likes coffee", metadata: null });
    expect(first!.score).toBeGreaterThan(second!.score);
    expect(rest).toEqual([]);
    expect(await recalled(port, "green tea", { minScore: 0.5 })).toEqual(["Ada likes green tea"]);
    expect(await recalled(port, "green tea", { limit: 1 })).toEqual(["Ada likes green tea"]);
    expect(await recalled(vectors(), "green tea")).toEqual([]);
    expect(await recalled(vectors({ ...own, workspaceId: otherWorkspaceId }), "green tea")).toEqual([]);
    expect(await vectors({ workspaceId: otherWorkspaceId }).recall({ scope: "workspace", query: "tea", limit: 3 })).toEqual([]);
  });

  it("remember once for each step, however often it is tried", async () => {
    const port = vectors({ agentId: randomUUID() });
    const [first, second] = await Promise.all([1, 2].map(() => port.remember({ scope: "agent", text: "tea" }, "run:once")));
    expect(first).toEqual(second);
    expect(await recalled(port, "tea")).toEqual(["tea"]);
  });

  it("replace what has the same name, and forget by name, by id and by meaning", async () => {
    const port = vectors({ agentId: randomUUID() });
    await port.remember({ scope: "agent", text: "tea at four", name: "habit" }, "run:n1");
    await port.remember({ scope: "agent", text: "tea at five", name: "habit" }, "run:n2");
    const { id } = await port.remember({ scope: "agent", text: "coffee at nine" }, "run:n3");
    expect((await recalled(port, "tea at")).toSorted()).toEqual(["coffee at nine", "tea at five"]);
    expect(await port.forget({ scope: "workspace", name: id })).toBe(0);
    expect(await port.forget({ scope: "agent", name: id })).toBe(1);
    expect(await port.forget({ scope: "agent", query: "tea", minScore: 0.9 })).toBe(0);
    expect(await port.forget({ scope: "agent", query: "tea at five", minScore: 0.9 })).toBe(1);
    expect(await recalled(port, "tea")).toEqual([]);
  });

  it("look through more than one batch, and forget what has expired", async () => {
    const port = vectors({ agentId: randomUUID() });
    const [embedding] = await embedder.embed(["filler"]);
    await database.asOwner((client) =>
      client.query(
        `INSERT INTO vector_memories (id, workspace_id, scope, owner, text, metadata, embedding, idempotency_key, expires_at)
         SELECT gen_random_uuid(), $1, 'agent', 'crowd', 'filler ' || n, 'null', $2, 'crowd:' || n, CASE WHEN n > 2300 THEN now() END
         FROM generate_series(1, 2310) n`,
        [workspaceId, Buffer.from(embedding!.buffer)],
      ),
    );
    const crowd = vectors({ agentId: "crowd" });
    await crowd.remember({ scope: "agent", text: "a needle" }, "run:needle");
    expect(await recalled(crowd, "needle", { limit: 1 })).toEqual(["a needle"]);
    expect(await crowd.forget({ scope: "agent", query: "filler", minScore: 0.99 })).toBe(2300);
    await port.remember({ scope: "agent", text: "brief", ttlMs: 1 }, "run:brief");
    await expect.poll(() => recalled(port, "brief")).toEqual([]);
  });

  it("refuse what can't be remembered", async () => {
    const port = vectors();
    await expect(port.remember({ scope: "agent", text: " \u0000" }, "a")).rejects.toMatchObject({ code: "param_invalid" });
    await expect(port.remember({ scope: "agent", text: "x".repeat(17_000) }, "a")).rejects.toMatchObject({ code: "value_too_large" });
    await expect(port.remember({ scope: "agent", text: "x", metadata: "x".repeat(17_000) }, "a")).rejects.toMatchObject({
      code: "value_too_large",
    });
    await expect(port.remember({ scope: "conversation", text: "x" }, "a")).rejects.toMatchObject({ code: "input_invalid" });
  });
});
