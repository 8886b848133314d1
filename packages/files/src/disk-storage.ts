import { randomUUID } from "node:crypto";
import { mkdir, open, opendir, readFile, rename, rm, rmdir, stat, type FileHandle } from "node:fs/promises";
import { dirname, join } from "node:path";
import { HeddleError } from "@heddle/schema";
import { checkFileKey, checkFolder } from "./file-key.ts";
import type { FileStorage, StoredFile } from "./file-storage.ts";

/** Where files are while they are written. No key begins with a dot. */
const INCOMING = ".incoming";
/** A file that has been incoming for this long was left by a process that died, ms. */
const LEFT_BEHIND_AFTER_MS = 3_600_000;
/** How often a folder may vanish under a write, because its last file is deleted just then. */
const MAX_RACES = 10;

/**
 * Keeps files in a folder of this machine: for one process, or for several that share the folder. A file appears by a
 * rename once its bytes are on disk, is readable by its owner only, and survives a loss of power.
 */
export function createDiskStorage(root: string): FileStorage {
  const pathOf = (key: string): string => join(root, ...checkFileKey(key).split("/"));
  let prepared: Promise<unknown> | undefined;
  const prepare = (): Promise<unknown> => (prepared ??= openIncoming(join(root, INCOMING)).catch((error: unknown) => {
    prepared = undefined;
    throw error;
  })); // prettier-ignore

  return {
    put: async (key, bytes) => {
      const path = pathOf(key);
      await answering(async () => {
        await prepare();
        const incoming = join(root, INCOMING, randomUUID());
        try {
          await writeDurably(incoming, bytes);
          await moveInto(root, incoming, path);
        } catch (error) {
          await rm(incoming, { force: true });
          throw error;
        }
      });
    },
    get: async (key) => {
      const path = pathOf(key);
      return await answering(async () => {
        const found = await orUndefined(readFile(path));
        return found && new Uint8Array(found.buffer, found.byteOffset, found.byteLength);
      });
    },
    delete: async (keys) => {
      for (const path of keys.map(pathOf)) {
        await answering(() => rm(path, { force: true }).catch(ignoring("ENOTDIR")));
        await removeEmptyFolders(dirname(path), root);
      }
    },
    list: (folder = "") => listFolder(root, checkFolder(folder)),
    close: () => Promise.resolve(),
  };
}

/** Makes the folder for files that are being written, and frees it of what dead processes left. */
async function openIncoming(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for await (const entry of await opendir(folder)) {
    const path = join(folder, entry.name);
    const facts = await orUndefined(stat(path));
    if (facts && Date.now() - facts.mtimeMs > LEFT_BEHIND_AFTER_MS) await rm(path, { force: true });
  }
}

async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, "wx", 0o600);
  await closing(file, async () => {
    await file.writeFile(bytes);
    await file.sync();
  });
}

async function moveInto(root: string, from: string, to: string): Promise<void> {
  const folder = dirname(to);
  let isFolderNew = false;
  for (let races = 0; ; races += 1) {
    try {
      if (await mkdir(folder, { recursive: true, mode: 0o700 })) isFolderNew = true;
      await rename(from, to);
      break;
    } catch (error) {
      if (codeOf(error) !== "ENOENT" || races === MAX_RACES) throw error;
    }
  }
  // A folder that was made is an entry in the one above it, which has to be on disk too.
  for (let path = folder; ; path = dirname(path)) {
    const handle = await orUndefined(open(path, "r"));
    if (handle) await closing(handle, () => handle.sync());
    if (!isFolderNew || path === root) return;
  }
}

async function removeEmptyFolders(folder: string, root: string): Promise<void> {
  for (let path = folder; path !== root; path = dirname(path)) {
    try {
      await rmdir(path);
    } catch {
      // Somebody else's file is in there, or somebody else was quicker.
      return;
    }
  }
}

async function* listFolder(root: string, folder: string): AsyncGenerator<StoredFile> {
  const entries = await answering(() => orUndefined(opendir(join(root, folder))));
  if (!entries) return;
  for await (const entry of entries) {
    if (entry.name.startsWith(".")) continue;
    const key = `${folder}${entry.name}`;
    if (entry.isDirectory()) {
      yield* listFolder(root, `${key}/`);
    } else {
      const facts = await answering(() => orUndefined(stat(join(root, key))));
      if (facts) yield { key, size: facts.size, modifiedAt: facts.mtime };
    }
  }
}

async function closing<T>(file: FileHandle, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    await file.close();
  }
}

async function orUndefined<T>(found: Promise<T>): Promise<T | undefined> {
  return await found.catch(ignoring("ENOENT", "ENOTDIR"));
}

function ignoring(...codes: string[]): (error: unknown) => undefined {
  return (error) => {
    if (!codes.includes(codeOf(error) ?? "")) throw error;
    return undefined;
  };
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

/** A full disk or a folder without permission is a state of the machine, which may pass. */
async function answering<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new HeddleError("unavailable", "The file storage can't be used just now.", { cause });
  }
}
