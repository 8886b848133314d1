import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { uuidv7 } from "@heddle/db";
import { createJournal, type Journal, type NewExecution } from "@heddle/db/journal";
import { createDiskStorage, type FileStorage } from "@heddle/files";
import { HeddleError, type Json, type RunOutcome, type StepRecord } from "@heddle/schema";
import { createTestDatabase, type TestDatabase } from "@heddle/testing/database";
import { filesOf } from "@heddle/testing/file-storage-suite";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { keepLargeValues } from "./keep-large-values.ts";
import { LargeValues } from "./large-values.ts";
import { MAX_INLINE_BYTES, referenceOf } from "./stored-value.ts";
import { valueKey } from "./value-key.ts";

let database: TestDatabase;
let workspaceId: string;
let folder: string;
let files: FileStorage;
let faults: unknown[];
const journals: Journal[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  ({ workspaceId } = await database.createUser());
  folder = await mkdtemp(join(tmpdir(), "heddle-values-"));
});
afterAll(async () => {
  await database.close();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(() => {
  files = createDiskStorage(join(folder, uuidv7()));
  faults = [];
});
afterEach(() => {
  for (const journal of journals.splice(0)) journal.close();
});

function open(storage: FileStorage = files): { plain: Journal; journal: Journal } {
  const plain = createJournal({ pool: database.db.pools.journal, onError: (fault) => faults.push(fault) });
  journals.push(plain);
  return { plain, journal: keepLargeValues(plain, { values: new LargeValues(storage), onFault: (fault) => faults.push(fault) }) };
}
const execution = (): NewExecution => ({ id: uuidv7(), workspaceId, agentId: uuidv7(), trigger: "api", input: {}, startedAt: new Date() });
const step = (key: string, output: Json): StepRecord => ({
  key,
  nodeId: key,
  startedAt: 1,
  durationMs: 1,
  attempts: 1,
  status: "completed",
  output,
  ports: ["out"],
});
const ending = (output: Json): RunOutcome => ({
  status: "completed",
  output,
  usage: { inputTokens: 0, outputTokens: 0 },
  steps: 1,
  durationMs: 1,
});
/** Text whose JSON has so many bytes. */
const textOf = (bytes: number): string => "x".repeat(bytes - 2);
const rowOf = (id: string) => database.db.prismaFor(workspaceId).execution.findFirst({ where: { id } });

describe("large values", () => {
  test.for([
    ["the limit", MAX_INLINE_BYTES, 0],
    ["one byte more", MAX_INLINE_BYTES + 1, 1],
  ] as const)("lie in a file from %s on", async ([, bytes, count]) => {
    const { plain, journal } = open();
    const run = await journal.accept(execution());
    run.append(step("a#", textOf(bytes)));
    await run.finish(ending(textOf(bytes)));
    expect((await filesOf(files)).length).toBe(count);
    const stored = await rowOf(run.executionId);
    expect(referenceOf(stored?.output as Json) !== undefined).toBe(count === 1);
    const [record] = await plain.loadSteps(workspaceId, run.executionId);
    expect(referenceOf(record?.output as Json)?.bytes).toBe(count === 1 ? bytes : undefined);
    expect(await journal.loadSteps(workspaceId, run.executionId)).toEqual([step("a#", textOf(bytes))]);
  });

  test("come back, in their order, to whoever takes the run over", async () => {
    const { journal } = open();
    const run = await journal.accept(execution());
    const recorded: StepRecord[] = [
      step("small#", 1),
      { ...step("large#", { text: textOf(400_000) }), state: [{ name: "kept", value: textOf(300_000) }] },
      step("after#", { $file: { sha256: "f".repeat(64), bytes: 1, preview: "" } }),
      step("last#", "end"),
    ];
    for (const each of recorded) run.append(each);
    await run.release();
    const [claimed] = await open().journal.claim(5);
    expect(claimed?.recorded).toEqual(recorded);
    expect((await filesOf(files)).length).toBe(2);
    await claimed?.run.finish(ending(null));
  });

  test("are on disk before a row says so, and what follows them waits", async () => {
    let letThrough: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (letThrough = resolve));
    const { plain, journal } = open({ ...files, put: async (key, bytes) => (await held, files.put(key, bytes)) });
    const run = await journal.accept(execution());
    run.append(step("first#", 1));
    run.append(step("large#", textOf(300_000)));
    run.append(step("after#", 2));
    await expect.poll(() => plain.loadSteps(workspaceId, run.executionId)).toEqual([step("first#", 1)]);
    letThrough();
    await run.flush();
    expect((await journal.loadSteps(workspaceId, run.executionId)).map(({ key }) => key)).toEqual(["first#", "large#", "after#"]);
    await run.finish(ending(null));
  });

  test("that can't be kept give the run back, which goes on from before them", async () => {
    let isDown = true;
    const put: FileStorage["put"] = async (key, bytes) => {
      if (isDown) throw new HeddleError("unavailable", "The file storage can't be used just now.");
      await files.put(key, bytes);
    };
    const { journal } = open({ ...files, put });
    const run = await journal.accept(execution());
    run.append(step("first#", 1));
    run.append(step("large#", textOf(300_000)));
    run.append(step("after#", 2));
    await expect(run.finish(ending(2))).rejects.toMatchObject({ code: "unavailable" });
    isDown = false;
    const [claimed] = await journal.claim(5);
    expect(claimed?.recorded).toEqual([step("first#", 1)]);
    await claimed?.run.finish(ending(textOf(300_000)));
    expect((await rowOf(run.executionId))?.status).toBe("COMPLETED");
  });

  test("that are gone for good end the run that needs them, and a storage that is away only delays it", async () => {
    let isDown = false;
    const get: FileStorage["get"] = async (key) => {
      if (isDown) throw new HeddleError("unavailable", "The file storage can't be used just now.");
      return await files.get(key);
    };
    const { journal } = open({ ...files, get });
    const run = await journal.accept(execution());
    run.append(step("large#", textOf(300_000)));
    await run.release();
    isDown = true;
    expect(await journal.claim(5)).toEqual([]);
    isDown = false;
    await files.delete((await filesOf(files)).map(({ key }) => key));
    expect(await journal.claim(5)).toEqual([]);
    expect(await rowOf(run.executionId)).toMatchObject({ status: "FAILED", error: { code: "file_missing" } });
    expect(faults).toMatchObject([{ code: "unavailable" }, { code: "file_missing" }]);
  });

  test("of another workspace can't be had by naming them", async () => {
    const { journal } = open();
    const run = await journal.accept(execution());
    await run.finish(ending(textOf(300_000)));
    const sha256 = referenceOf((await rowOf(run.executionId))?.output as Json)?.sha256 ?? "";
    const values = new LargeValues(files);
    expect(await values.read(run, sha256)).toBeDefined();
    expect(await values.read({ workspaceId: uuidv7(), executionId: run.executionId }, sha256)).toBeUndefined();
    expect(await values.read({ workspaceId, executionId: uuidv7() }, sha256)).toBeUndefined();
    expect(valueKey(run, sha256)).toMatch(new RegExp(`^values/${new Date().toISOString().slice(0, 7)}/${workspaceId}/`));
  });
});
