import type { FileStorage, StoredFile } from "@heddle/files";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array | undefined): string | undefined => bytes && new TextDecoder().decode(bytes);

/** What every {@link FileStorage} must do. `open` makes an empty one. */
export function describeFileStorage(name: string, open: () => Promise<{ storage: FileStorage; close: () => Promise<void> }>): void {
  describe(`file storage: ${name}`, () => {
    let storage: FileStorage;
    let close: () => Promise<void>;
    beforeAll(async () => ({ storage, close } = await open()));
    afterAll(() => close());

    const keysIn = async (folder?: string): Promise<string[]> => (await filesOf(storage, folder)).map(({ key }) => key).toSorted();

    test("gives back what was put, byte for byte", async () => {
      const bytes = Uint8Array.from({ length: 70_000 }, (_, index) => index % 256);
      await storage.put("bytes/all", bytes);
      expect(await storage.get("bytes/all")).toEqual(bytes);
    });

    test("keeps an empty file and one of 10 MiB", async () => {
      await storage.put("sizes/empty", new Uint8Array());
      expect(await storage.get("sizes/empty")).toEqual(new Uint8Array());
      const large = new Uint8Array(10 * 1024 * 1024).fill(7);
      await storage.put("sizes/large", large);
      expect(Buffer.compare((await storage.get("sizes/large")) ?? new Uint8Array(), large)).toBe(0);
    });

    test("knows nothing of a key that was never put, nor of one below or above a file", async () => {
      await storage.put("alone/file", bytesOf("x"));
      expect(await storage.get("alone/other")).toBeUndefined();
      expect(await storage.get("alone/file/below")).toBeUndefined();
      expect(await storage.get("nowhere")).toBeUndefined();
    });

    test("replaces a file as a whole", async () => {
      await storage.put("replaced", bytesOf("a longer first text"));
      await storage.put("replaced", bytesOf("second"));
      expect(textOf(await storage.get("replaced"))).toBe("second");
    });

    test("deletes, and does so again without complaint", async () => {
      await storage.put("deleted/one", bytesOf("1"));
      await storage.put("deleted/two", bytesOf("2"));
      await storage.put("deleted/kept", bytesOf("3"));
      await storage.delete(["deleted/one", "deleted/two"]);
      await storage.delete(["deleted/one", "deleted/never", "deleted/kept/below"]);
      await storage.delete([]);
      expect(await keysIn("deleted/")).toEqual(["deleted/kept"]);
    });

    test("lists a folder's files with size and time, and no other's", async () => {
      const before = Date.now();
      await storage.put("months/2026-10/a/1.json", bytesOf("1"));
      await storage.put("months/2026-10/b/2.json", bytesOf("22"));
      await storage.put("months/2026-1", bytesOf("333"));
      const listed = await filesOf(storage, "months/2026-10/");
      expect(listed.map(({ key, size }) => [key, size]).toSorted()).toEqual([
        ["months/2026-10/a/1.json", 1],
        ["months/2026-10/b/2.json", 2],
      ]);
      // Clocks and file systems count in steps of up to a second or two.
      for (const { modifiedAt } of listed) expect(Math.abs(modifiedAt.getTime() - before)).toBeLessThan(60_000);
      expect(await keysIn("months/2026-12/")).toEqual([]);
      expect(await keysIn()).toContain("months/2026-1");
    });

    test("lists and deletes more files than one answer holds", async () => {
      const keys = Array.from({ length: 1_050 }, (_, index) => `many/${index}`);
      for (let start = 0; start < keys.length; start += 50)
        await Promise.all(keys.slice(start, start + 50).map((key) => storage.put(key, bytesOf("x"))));
      expect((await keysIn("many/")).length).toBe(keys.length);
      await storage.delete(keys.slice(1));
      expect(await keysIn("many/")).toEqual(keys.slice(0, 1));
    });

    test.for([
      "../up",
      "a/../b",
      "/root",
      "a//b",
      "",
      ".hidden",
      "a/.incoming/b",
      "a\\b",
      "a\0b",
      "%2e%2e/x",
      "a b",
      "a/",
      "x".repeat(600),
    ])("refuses the key %j", async (key) => {
      await expect(storage.put(key, bytesOf("x"))).rejects.toThrow(TypeError);
      await expect(storage.get(key)).rejects.toThrow(TypeError);
      await expect(storage.delete([key])).rejects.toThrow(TypeError);
      await expect(keysIn(key === "" ? "../" : `${key}/`)).rejects.toThrow(TypeError);
    });
  });
}

/** All files that a storage lists. */
export async function filesOf(storage: FileStorage, folder?: string): Promise<StoredFile[]> {
  const files: StoredFile[] = [];
  for await (const file of storage.list(folder)) files.push(file);
  return files;
}
