import { randomUUID } from "node:crypto";
import { createServer, type Server } from "node:http";
import { agentDocument } from "@heddle/schema";
import { createTestPlatform, type TestPlatform } from "@heddle/testing/test-platform";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

let test: TestPlatform;
let server: Server;
let status = 404;
const seen: string[] = [];
let deploymentId = "";
let agentId = "";

beforeAll(async () => {
  server = createServer((request, response) => {
    seen.push(request.url ?? "");
    response.writeHead(status).end("{}");
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  test = await createTestPlatform();
  const { platform, alice } = test;
  const config = agentDocument.parse({
    nodes: [
      { id: "start", type: "api-trigger", name: "Call" },
      { id: "ask", type: "http-request", name: "Ask", params: { method: "GET", url: `http://127.0.0.1:${port}/{{ input.path }}` } },
    ],
    edges: [{ id: "e", source: { node: "start" }, target: { node: "ask" } }],
  });
  ({ id: agentId } = await platform.agents.create(alice.actor, alice.workspaceId, { name: "Asker", config }));
  deploymentId = (await platform.deployments.deploy(alice.actor, agentId)).id;
});
beforeEach(async () => {
  status = 404;
  seen.length = 0;
  await test.database.asOwner((client) => client.query("DELETE FROM dead_letters"));
});
afterAll(async () => {
  await test.close();
  server.close();
});

const SOON = { timeout: 15_000, interval: 20 };
const list = async (state: "open" | "redriven" = "open") => {
  const { platform, alice } = test;
  return (await platform.deadLetters.list(alice.actor, { workspaceId: alice.workspaceId, state })).items;
};

/** A run that fails for good. */
async function die(path = "x"): Promise<string> {
  const { platform, alice } = test;
  const { executionId } = await platform.runs.queueDeployment(alice.actor, deploymentId, { input: { path } });
  await expect.poll(async () => (await list()).map((letter) => letter.id), SOON).toContain(executionId);
  return executionId;
}

describe("a dead letter", () => {
  it("tells what failed, with what and how often, and until when it is kept", async () => {
    const id = await die();
    const [letter] = await list();
    expect(letter).toMatchObject({
      id,
      agentId,
      agentName: "Asker",
      deploymentId,
      trigger: "api",
      input: { path: "x" },
      attempts: 1,
      redrivenAs: null,
    });
    expect(letter?.error).toMatchObject({ code: "http_status", nodeId: "ask" });
    expect(letter?.error).not.toHaveProperty("details");
    expect(Date.parse(letter?.expiresAt ?? "") - Date.parse(letter?.diedAt ?? "")).toBe(14 * 24 * 3_600_000);
  });

  it("leads to one run, however often it is redriven", async () => {
    const { platform, alice } = test;
    const id = await die();
    status = 200;
    seen.length = 0;
    const letter = { workspaceId: alice.workspaceId, id };
    const ids = await Promise.all(
      Array.from({ length: 10 }, async () => (await platform.deadLetters.redrive(alice.actor, letter)).executionId),
    );
    expect(new Set(ids).size).toBe(1);
    const again = ids[0] ?? "";
    await expect.poll(async () => (await platform.executions.byId(alice.actor, again)).status, SOON).toBe("COMPLETED");
    expect(await platform.deadLetters.redrive(alice.actor, letter)).toEqual({ executionId: again });
    expect(seen).toEqual(["/x"]);
    expect(await list()).toEqual([]);
    expect(await list("redriven")).toMatchObject([{ id, redrivenAs: again }]);
    const rows = await test.database.asOwner(
      async (client) => (await client.query("SELECT redrive_of FROM executions WHERE id = $1", [again])).rows,
    );
    expect(rows).toEqual([{ redrive_of: id }]);
  });

  it("is tried again where an earlier redrive came no further than its reservation", async () => {
    const { platform, alice } = test;
    const id = await die();
    status = 200;
    const [reserved] = await test.database.asOwner(
      async (client) =>
        (
          await client.query<{ as: string }>(
            `UPDATE dead_letters SET redriven_as = heddle_uuid(), redriven_at = now() WHERE execution_id = $1 RETURNING redriven_as AS as`,
            [id],
          )
        ).rows,
    );
    expect(await platform.deadLetters.redrive(alice.actor, { workspaceId: alice.workspaceId, id })).toEqual({ executionId: reserved?.as });
    await expect.poll(async () => (await platform.executions.byId(alice.actor, reserved?.as ?? "")).status, SOON).toBe("COMPLETED");
  });

  it("waits while its deployment is switched off", async () => {
    const { platform, alice } = test;
    const id = await die();
    await platform.deployments.setStatus(alice.actor, deploymentId, "INACTIVE");
    const letter = { workspaceId: alice.workspaceId, id };
    await expect(platform.deadLetters.redrive(alice.actor, letter)).rejects.toMatchObject({ code: "unprocessable" });
    expect(await platform.deadLetters.redriveAll(alice.actor, letter)).toEqual({ redriven: 0, refused: 1, remaining: 0, nextCursor: null });
    await platform.deployments.setStatus(alice.actor, deploymentId, "ACTIVE");
    expect(await list()).toHaveLength(1);
  });

  it("is gone once it is thrown away, and its execution stays", async () => {
    const { platform, alice } = test;
    const id = await die();
    const letter = { workspaceId: alice.workspaceId, id };
    await platform.deadLetters.discard(alice.actor, letter);
    await expect(platform.deadLetters.byId(alice.actor, letter)).rejects.toMatchObject({ code: "not_found" });
    await expect(platform.deadLetters.discard(alice.actor, letter)).rejects.toMatchObject({ code: "not_found" });
    expect((await platform.executions.byId(alice.actor, id)).status).toBe("FAILED");
  });

  it("is nobody else's", async () => {
    const { platform, alice, bob } = test;
    const id = await die();
    for (const workspaceId of [alice.workspaceId, bob.workspaceId]) {
      for (const attempt of [platform.deadLetters.byId, platform.deadLetters.redrive, platform.deadLetters.discard]) {
        await expect(attempt(bob.actor, { workspaceId, id })).rejects.toMatchObject({ code: "not_found" });
      }
    }
    await expect(platform.deadLetters.byId(alice.actor, { workspaceId: alice.workspaceId, id: randomUUID() })).rejects.toMatchObject({
      code: "not_found",
    });
  });
});

describe("dead letters", () => {
  it("are redriven all at once, and only once", async () => {
    const { platform, alice } = test;
    for (const path of ["a", "b", "c"]) await die(path);
    status = 200;
    seen.length = 0;
    const redrive = () => platform.deadLetters.redriveAll(alice.actor, { workspaceId: alice.workspaceId });
    expect(await redrive()).toEqual({ redriven: 3, refused: 0, remaining: 0, nextCursor: null });
    expect(await redrive()).toEqual({ redriven: 0, refused: 0, remaining: 0, nextCursor: null });
    await expect.poll(() => seen.toSorted(), SOON).toEqual(["/a", "/b", "/c"]);
  });

  it("that can't be tried again don't keep later ones from it, however many they are", async () => {
    const { platform, alice } = test;
    await die("late");
    status = 200;
    await test.database.asOwner((client) =>
      client.query(
        `INSERT INTO dead_letters (workspace_id, execution_id, agent_id, trigger, input, error, attempts, died_at)
         SELECT $1, heddle_uuid(), $2, 'api', '{}', '{}', 1, now() - interval '1 hour' FROM generate_series(1, 501)`,
        [alice.workspaceId, agentId],
      ),
    );
    seen.length = 0;
    const redrive = (cursor?: string) => platform.deadLetters.redriveAll(alice.actor, { workspaceId: alice.workspaceId, cursor });
    const first = await redrive();
    expect(first).toMatchObject({ redriven: 0, refused: 500, remaining: 2 });
    expect(await redrive(first.nextCursor ?? "")).toEqual({ redriven: 1, refused: 1, remaining: 0, nextCursor: null });
    await expect.poll(() => seen, SOON).toEqual(["/late"]);
    await expect(redrive("made up")).rejects.toMatchObject({ code: "invalid_request" });
  });

  it("are listed by pages, latest first", async () => {
    const { platform, alice } = test;
    const ids = [await die(), await die(), await die()];
    const first = await platform.deadLetters.list(alice.actor, { workspaceId: alice.workspaceId, limit: 2 });
    const second = await platform.deadLetters.list(alice.actor, {
      workspaceId: alice.workspaceId,
      limit: 2,
      cursor: first.nextCursor ?? "",
    });
    expect([...first.items, ...second.items].map((letter) => letter.id)).toEqual(ids.toReversed());
    expect(second.nextCursor).toBeNull();
  });

  it("go with their agent", async () => {
    const { platform, alice } = test;
    const { id } = await platform.agents.create(alice.actor, alice.workspaceId, {
      name: "Short-lived",
      config: agentDocument.parse({ nodes: [], edges: [] }),
    });
    await test.database.asOwner((client) =>
      client.query(
        `INSERT INTO dead_letters (workspace_id, execution_id, agent_id, trigger, input, error, attempts) VALUES ($1, heddle_uuid(), $2, 'api', '{}', '{}', 1)`,
        [alice.workspaceId, id],
      ),
    );
    await platform.agents.delete(alice.actor, id);
    expect(await list()).toEqual([]);
  });
});
