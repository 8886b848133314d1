import { mkdir, mkdtemp, readdir, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeFileStorage, filesOf } from "@heddle/testing/file-storage-suite";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createDiskStorage } from "./disk-storage.ts";

describeFileStorage("disk", async () => {
  const root = await mkdtemp(join(tmpdir(), "heddle-files-"));
  return { storage: createDiskStorage(join(root, "files")), close: () => rm(root, { recursive: true, force: true }) };
});

let root: string;
beforeAll(async () => (root = await mkdtemp(join(tmpdir(), "heddle-files-"))));
afterAll(() => rm(root, { recursive: true, force: true }));
const bytes = new TextEncoder().encode("x");

test("files and folders are open to their owner alone", async () => {
  const folder = join(root, "modes");
  await createDiskStorage(folder).put("a/b", bytes);
  const modeOf = async (path: string): Promise<number> => (await stat(join(folder, path))).mode & 0o777;
  expect([await modeOf(""), await modeOf("a"), await modeOf("a/b")]).toEqual([0o700, 0o700, 0o600]);
});

test("a write that fails leaves nothing behind", async () => {
  const folder = join(root, "failing");
  const storage = createDiskStorage(folder);
  await storage.put("a/b", bytes);
  // A folder stands where the file should go, so its bytes are written and the rename fails.
  await expect(storage.put("a", bytes)).rejects.toMatchObject({ code: "unavailable" });
  expect(await readdir(join(folder, ".incoming"))).toEqual([]);
});

test("what a dead process was writing is never listed, and removed by the next one", async () => {
  const folder = join(root, "left");
  await mkdir(join(folder, ".incoming"), { recursive: true });
  const leftover = join(folder, ".incoming", "leftover");
  await writeFile(leftover, "half");
  await writeFile(join(folder, ".incoming", "fresh"), "half");
  await utimes(leftover, new Date(0), new Date(0));
  const storage = createDiskStorage(folder);
  expect(await filesOf(storage)).toEqual([]);
  await storage.put("a", bytes);
  expect(await readdir(join(folder, ".incoming"))).toEqual(["fresh"]);
});

test("shows a reader one whole version while others are written", async () => {
  const storage = createDiskStorage(join(root, "contended"));
  const versions = ["a", "b", "c"].map((letter) => letter.repeat(2_000_000));
  const put = (text: string): Promise<void> => storage.put("contended", new TextEncoder().encode(text));
  await put(versions[0] ?? "");
  const writes = Promise.all(versions.map(put));
  const seen = await Promise.all(Array.from({ length: 20 }, () => storage.get("contended")));
  await writes;
  for (const found of seen) expect(versions.includes(new TextDecoder().decode(found))).toBe(true);
});

test("writes into a folder whose last file is being deleted", async () => {
  const storage = createDiskStorage(join(root, "busy"));
  await Promise.all(
    Array.from({ length: 8 }, async (_, index) => {
      for (let round = 0; round < 40; round += 1) {
        await storage.put(`busy/folder/${index}`, bytes);
        await storage.delete([`busy/folder/${index}`]);
      }
    }),
  );
  expect(await filesOf(storage)).toEqual([]);
});

test("a folder is gone with its last file", async () => {
  const folder = join(root, "empty");
  const storage = createDiskStorage(folder);
  await storage.put("a/b/c", bytes);
  await storage.put("a/d", bytes);
  await storage.delete(["a/b/c"]);
  expect(await readdir(join(folder, "a"))).toEqual(["d"]);
});

test("says that the storage can't be used where the disk refuses, and works again afterwards", async () => {
  const folder = join(root, "refusing");
  // A file stands where the folder should be, which stops root too.
  await writeFile(folder, "");
  const storage = createDiskStorage(folder);
  await expect(storage.put("a", bytes)).rejects.toMatchObject({ code: "unavailable", retryable: true });
  await rm(folder);
  await storage.put("a", bytes);
  expect(await storage.get("a")).toEqual(bytes);
});
