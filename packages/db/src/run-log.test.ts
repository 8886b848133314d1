import { constants } from "node:fs";
import { copyFile, mkdtemp, open, readdir, readFile, readlink, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert, asyncProperty, integer, array } from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BLOCK_BYTES, LogFile, putLogRecord, readLogRecords } from "./log-file.ts";
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
  const log = await RunLog.open({ folder, land: landAll, onError: fail, fileBytes: 2 * BLOCK_BYTES, ...options });
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
    fileBytes: 2 * BLOCK_BYTES,
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
    const larger = await openLog({ fileBytes: 3 * BLOCK_BYTES });
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
    expect(await log.append("y".repeat(3_000))).toBe(false);
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
    const append = LogFile.prototype.append;
    LogFile.prototype.append = () => Promise.reject(new Error("EIO"));
    try {
      expect(await log.append("one")).toBe(false);
    } finally {
      LogFile.prototype.append = append;
    }
    expect(await log.append("two")).toBe(false);
    expect(errors).toEqual([new Error("EIO")]);
    await log.landed();
    expect(landed).toEqual([]);
  });

  it("loses nothing that it took, whatever the sizes and wherever the process is killed", async () => {
    await assert(
      asyncProperty(
        array(integer({ min: 1, max: 2_700 }), { minLength: 1, maxLength: 30 }),
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
  const record = (generation: number, text: string): Buffer => {
    const room = Buffer.alloc(BLOCK_BYTES, "x");
    putLogRecord(room, generation, text);
    return room;
  };
  const textsOf = (bytes: Buffer): string[] => readLogRecords(bytes).map(({ payload }) => String(payload));
  const path = (): string => join(folder, "file");

  it("gives its latest generation up to the first record that is not whole", () => {
    const [first, second, third] = [record(7, "first"), record(7, "second"), record(7, "third")];
    expect(textsOf(Buffer.concat([first, second, third]))).toEqual(["first", "second", "third"]);
    expect(textsOf(Buffer.concat([first, second.subarray(0, 18)]))).toEqual(["first"]);
    for (const at of [0, 4, 10, 16]) {
      const flipped = Buffer.from(second);
      flipped[at]! ^= 1;
      expect(textsOf(Buffer.concat([first, flipped, third]))).toEqual(["first"]);
    }
    expect(textsOf(Buffer.concat([first, record(5, "of an earlier one")]))).toEqual(["first"]);
    expect(textsOf(Buffer.alloc(100))).toEqual([]);
    expect(textsOf(Buffer.alloc(3))).toEqual([]);
    expect(readLogRecords(Buffer.concat([first, second])).map(({ start }) => start)).toEqual([0, BLOCK_BYTES]);
  });

  it("is read where records follow each other closely, as they did before they began at blocks", () => {
    const close = ["first", "second", "third"].map((text) => record(7, text).subarray(0, 14 + text.length));
    expect(textsOf(Buffer.concat([...close, Buffer.alloc(BLOCK_BYTES)]))).toEqual(["first", "second", "third"]);
    expect(textsOf(Buffer.concat([...close, record(5, "of an earlier one")]))).toEqual(["first", "second", "third"]);
  });

  it("has its size from the start, for its owner alone, and is made anew where the size changes", async () => {
    const file = await LogFile.open(path(), 2 * BLOCK_BYTES);
    expect(await file.append(1, "kept", BLOCK_BYTES)).toBe(BLOCK_BYTES + 18);
    await file.close();
    const { size, mode } = await stat(path());
    expect([size, mode & 0o777]).toEqual([2 * BLOCK_BYTES, 0o600]);
    const again = await LogFile.open(path(), 2 * BLOCK_BYTES);
    await again.close();
    expect(textsOf((await readFile(path())).subarray(BLOCK_BYTES))).toEqual(["kept"]);
    const larger = await LogFile.open(path(), 3 * BLOCK_BYTES);
    await larger.close();
    expect(await readFile(path())).toEqual(Buffer.alloc(3 * BLOCK_BYTES));
    expect(await readdir(folder)).toEqual(["file"]);
  });

  it("holds what was appended, on disk and in memory, whether a write waited in place or in another thread", async () => {
    const file = await LogFile.open(path(), 256 * BLOCK_BYTES);
    const texts = Array.from({ length: 100 }, (_, index) => `number ${index} ${"é".repeat(index * 50)}`);
    const payloads: string[] = [];
    let start = 0;
    for (const text of texts) {
      const end = await file.append(1, text, start);
      payloads.push(String(file.payload({ generation: 1, start, end })));
      start = Math.ceil(end / BLOCK_BYTES) * BLOCK_BYTES;
    }
    expect(payloads).toEqual(texts);
    expect(textsOf(await readFile(path()))).toEqual(texts);
    await file.close();
  });

  it("is written past the cache where its file system can do that", async ({ skip }) => {
    const probe = await open(join(folder, "probe"), constants.O_RDWR | constants.O_CREAT | constants.O_DIRECT).catch(() => undefined);
    if (probe === undefined || process.platform !== "linux") return skip("this folder's file system can't");
    await probe.close();
    const file = await LogFile.open(path(), BLOCK_BYTES);
    const flags = await flagsOf(path());
    await file.close();
    expect(flags & constants.O_DIRECT).toBe(constants.O_DIRECT);
    expect(flags & constants.O_DSYNC).toBe(constants.O_DSYNC);
  });

  it("holds what was appended where its file system has to write through the cache", async () => {
    const file = await LogFile.open(path(), BLOCK_BYTES, { isDirect: false });
    const end = await file.append(1, "through the cache", 0);
    expect(String(file.payload({ generation: 1, start: 0, end }))).toBe("through the cache");
    await file.close();
    expect(textsOf(await readFile(path()))).toEqual(["through the cache"]);
  });
});

/** How this process has opened a file, as Linux tells. */
async function flagsOf(path: string): Promise<number> {
  for (const descriptor of await readdir("/proc/self/fd")) {
    const opened = await readlink(`/proc/self/fd/${descriptor}`).catch(() => undefined);
    if (opened !== path) continue;
    const [, flags = ""] = /^flags:\s+(\d+)$/m.exec(await readFile(`/proc/self/fdinfo/${descriptor}`, "utf8")) ?? [];
    return Number.parseInt(flags, 8);
  }
  throw new Error(`${path} is not open.`);
}
