import { copyFile, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert, asyncProperty, integer, array } from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LogFile, readLogRecords, toLogRecord } from "./log-file.ts";
import { RunLog, type RunLogOptions } from "./run-log.ts";

let folder: string;
let landed: string[];
const logs: RunLog[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "heddle-run-log-"));
  landed = [];
});
afterEach(async () => {
  await Promise.all(logs.splice(0).map((log) => log.close()));
  await rm(folder, { recursive: true });
});

async function openLog(options: Partial<RunLogOptions> = {}): Promise<RunLog> {
  const log = await RunLog.open({ folder, land: landAll, onError: fail, fileBytes: 1_000, ...options });
  logs.push(log);
  return log;
}
const landAll = async (batches: Buffer[]): Promise<void> => void landed.push(...batches.map(String));
const fail = (error: unknown): never => {
  throw error;
};
/** The files as they are on disk just now, as if the process were killed and another one started. */
async function afterKill(): Promise<string> {
  const copy = await mkdtemp(join(tmpdir(), "heddle-run-log-"));
  for (const name of await readdir(folder)) await copyFile(join(folder, name), join(copy, name));
  return copy;
}
async function landedFrom(copy: string): Promise<string[]> {
  const found: string[] = [];
  const log = await RunLog.open({
    folder: copy,
    land: async (batches) => void found.push(...batches.map(String)),
    onError: fail,
    fileBytes: 1_000,
  });
  await log.close();
  return found;
}

describe("a log of runs", () => {
  it("lands what is appended, in order, and says when it has", async () => {
    const log = await openLog();
    expect(await Promise.all(["one", "two", "drei und ein Ü"].map((text) => log.append(text)))).toEqual([true, true, true]);
    await log.landed();
    expect(landed).toEqual(["one", "two", "drei und ein Ü"]);
    await log.landed();
    await log.append("four");
    await log.landed();
    expect(landed.at(-1)).toBe("four");
  });

  it("lands what a killed process left, and nothing of it twice", async () => {
    const log = await openLog();
    await log.append("landed before");
    await log.landed();
    let release: (() => void) | undefined;
    const stuck = await openLog({ land: () => new Promise((done) => (release = done)) });
    await stuck.append("left");
    await stuck.append("left too");
    const copy = await afterKill();
    expect(await landedFrom(copy)).toEqual(["left", "left too"]);
    expect(await landedFrom(copy)).toEqual([]);
    await expect.poll(() => release).toBeDefined();
    release?.();
  });

  it("lands what was left in files of another size", async () => {
    const log = await openLog({ land: () => Promise.reject(new Error("away")), onError: () => undefined });
    await log.append("from a smaller one");
    await log.close();
    const larger = await openLog({ fileBytes: 3_000 });
    expect(landed).toEqual(["from a smaller one"]);
    expect(await larger.append("x".repeat(2_500))).toBe(true);
  });

  it("keeps what it has for the next process where it can't land it", async () => {
    const errors: unknown[] = [];
    const log = await openLog({ land: () => Promise.reject(new Error("away")), onError: (error) => errors.push(error) });
    await log.append("for later");
    await log.landed();
    await log.append("for later too");
    await log.landed();
    await log.close();
    // Told of once, though it was tried three times.
    expect(errors).toEqual([new Error("away")]);
    expect(await log.append("too late")).toBe(false);
    expect(await landedFrom(folder)).toEqual(["for later", "for later too"]);
  });

  it("tries again until it lands", async () => {
    let isAway = true;
    const log = await openLog({
      land: (batches) => (isAway ? Promise.reject(new Error("away")) : landAll(batches)),
      onError: () => undefined,
    });
    await log.append("one");
    await log.landed();
    isAway = false;
    // By itself, and at once for somebody who waits.
    await expect.poll(() => landed, { timeout: 5_000 }).toEqual(["one"]);
    isAway = true;
    await log.append("two");
    await log.landed();
    isAway = false;
    await log.landed();
    expect(landed).toEqual(["one", "two"]);
  });

  it("takes nothing more when both files hold what has not landed, and goes on when it has", async () => {
    let release: (() => void) | undefined;
    const log = await openLog({
      land: async (batches) => {
        await new Promise<void>((done) => (release = done));
        await landAll(batches);
      },
    });
    const text = "x".repeat(400);
    const taken: boolean[] = [];
    for (let index = 0; index < 5; index += 1) taken.push(await log.append(`${index}${text}`));
    expect(taken).toEqual([true, true, true, true, false]);
    expect(await log.append("y".repeat(2_000))).toBe(false);
    const all = log.landed();
    await expect.poll(() => release).toBeDefined();
    release?.();
    await expect.poll(async () => (release?.(), landed.length)).toBe(4);
    await all;
    expect(await log.append("again")).toBe(true);
    await expect.poll(async () => (release?.(), landed.length)).toBe(5);
  });

  it("takes nothing more where its disk fails, and says so", async () => {
    const errors: unknown[] = [];
    const log = await openLog({ onError: (error) => errors.push(error) });
    const write = LogFile.prototype.write;
    LogFile.prototype.write = () => Promise.reject(new Error("EIO"));
    try {
      expect(await log.append("one")).toBe(false);
    } finally {
      LogFile.prototype.write = write;
    }
    expect(await log.append("two")).toBe(false);
    expect(errors).toEqual([new Error("EIO")]);
    await log.landed();
    expect(landed).toEqual([]);
  });

  it("loses nothing that it took, whatever the sizes and wherever the process is killed", async () => {
    await assert(
      asyncProperty(
        array(integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 30 }),
        integer({ min: 0, max: 30 }),
        async (sizes, killAt) => {
          landed.length = 0;
          const log = await openLog();
          const taken: string[] = [];
          let copy: string | undefined;
          let atKill: string[] = [];
          for (const [index, size] of sizes.entries()) {
            const text = `${index}:${"z".repeat(size)}`;
            // With every other one, what came before has landed.
            if (index % 2 === 0) await log.landed();
            if (await log.append(text)) taken.push(text);
            if (index === Math.min(killAt, sizes.length - 1)) [copy, atKill] = [await afterKill(), [...taken]];
          }
          const late = await landedFrom(copy ?? folder);
          for (const text of atKill) expect(landed.includes(text) || late.includes(text)).toBe(true);
          expect(late.toSorted()).toEqual(atKill.filter((text) => late.includes(text)).toSorted());
          await log.close();
          logs.length = 0;
          expect(landed).toEqual(taken);
          await rm(copy ?? "", { recursive: true });
        },
      ),
      { numRuns: 30, seed: 1 },
    );
  });
});

describe("a log file", () => {
  const record = (generation: number, text: string): Buffer => toLogRecord(generation, text);
  const textsOf = (bytes: Buffer): string[] => readLogRecords(bytes).map(({ payload }) => String(payload));

  it("gives its latest generation up to the first record that is not whole", () => {
    const [first, second, third] = [record(7, "first"), record(7, "second"), record(7, "third")];
    expect(textsOf(Buffer.concat([first, second, third]))).toEqual(["first", "second", "third"]);
    expect(textsOf(Buffer.concat([first, second.subarray(0, -1)]))).toEqual(["first"]);
    const flipped = Buffer.from(second);
    flipped[16]! ^= 1;
    expect(textsOf(Buffer.concat([first, flipped, third]))).toEqual(["first"]);
    expect(textsOf(Buffer.concat([first, record(5, "of an earlier one")]))).toEqual(["first"]);
    expect(textsOf(Buffer.alloc(100))).toEqual([]);
    expect(textsOf(Buffer.alloc(3))).toEqual([]);
    expect(readLogRecords(Buffer.concat([first, second])).map(({ end }) => end)).toEqual([first.length, first.length + second.length]);
  });

  it("has its size from the start, for its owner alone, and is made anew where the size changes", async () => {
    const path = join(folder, "file");
    const file = await LogFile.open(path, 500);
    await file.write(record(1, "kept"), 0);
    await file.close();
    const { size, mode } = await stat(path);
    expect([size, mode & 0o777]).toEqual([500, 0o600]);
    const again = await LogFile.open(path, 500);
    expect(textsOf(await again.read(Buffer.alloc(500), 0))).toEqual(["kept"]);
    await again.close();
    const larger = await LogFile.open(path, 600);
    expect(textsOf(await larger.read(Buffer.alloc(600), 0))).toEqual([]);
    await larger.close();
    expect(await readdir(folder)).toEqual(["file"]);
  });

  it("is read the same whether a write waited in place or in another thread", async () => {
    const path = join(folder, "file");
    const file = await LogFile.open(path, 100_000);
    let at = 0;
    for (let index = 0; index < 200; index += 1) {
      const bytes = record(1, `number ${index}`);
      await file.write(bytes, at);
      at += bytes.length;
    }
    expect(textsOf(await file.read(Buffer.alloc(100_000), 0))).toEqual(Array.from({ length: 200 }, (_, index) => `number ${index}`));
    await file.close();
  });
});
