import { setTimeout as sleep } from "node:timers/promises";
import { HeddleError } from "@heddle/schema";
import { S3mini, S3NetworkError, S3ServiceError } from "s3mini";
import { checkFileKey, checkFolder } from "./file-key.ts";
import type { FileStorage } from "./file-storage.ts";

export interface S3Options {
  /** Without the bucket: `https://s3.eu-central-1.amazonaws.com`, `https://ACCOUNT.r2.cloudflarestorage.com`. */
  endpoint: string;
  bucket: string;
  /** `auto` for services without regions. */
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
  /** How long one request may take, ms; 30 s by default. */
  timeoutMs?: number;
}

const TRIES = 3;
const FIRST_PAUSE_MS = 100;
/** S3 deletes at most this many objects in one request. */
const MAX_DELETED_AT_ONCE = 1_000;

/** Keeps files in a bucket of S3 or of a service that speaks its protocol: for any number of machines. */
export function createS3Storage({ endpoint, bucket, region, accessKeyId, secretAccessKey, timeoutMs = 30_000 }: S3Options): FileStorage {
  const client = new S3mini({
    endpoint: `${endpoint.replace(/\/+$/, "")}/${bucket}`,
    region,
    accessKeyId,
    secretAccessKey,
    requestAbortTimeout: timeoutMs,
  });
  return {
    put: async (key, bytes) => {
      checkFileKey(key);
      await trying(() => client.putObject(key, bytes));
    },
    get: async (key) => {
      checkFileKey(key);
      const found = await trying(async () => await (await client.getObjectRaw(key)).arrayBuffer()).catch(ignoreMissing);
      return found && new Uint8Array(found);
    },
    delete: async (keys) => {
      for (let start = 0; start < keys.length; start += MAX_DELETED_AT_ONCE) {
        const batch = keys.slice(start, start + MAX_DELETED_AT_ONCE).map(checkFileKey);
        const areDeleted = await trying(() => client.deleteObjects(batch));
        if (areDeleted.includes(false)) throw unavailable(undefined);
      }
    },
    list: async function* (folder = "") {
      checkFolder(folder);
      let after: string | undefined;
      do {
        const page = await trying(() => client.listObjectsPaged("/", folder, 1_000, after));
        // Answered where the bucket is gone, which is no empty one.
        if (!page?.objects) throw unavailable(undefined);
        for (const { Key: key, Size: size, LastModified } of page.objects)
          yield { key, size: Number(size), modifiedAt: new Date(LastModified) };
        after = page.nextContinuationToken;
      } while (after !== undefined);
    },
    close: () => Promise.resolve(),
  };
}

/** Tries again what can pass: a lost connection, a busy or broken service. All requests may be repeated. */
async function trying<T>(request: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await request();
    } catch (error) {
      if (isMissing(error)) throw error;
      const mayPass = !(error instanceof S3ServiceError) || error.status >= 500 || error.status === 429;
      if (!mayPass || attempt === TRIES) throw unavailable(error);
      await sleep(FIRST_PAUSE_MS * 2 ** (attempt - 1) * (0.5 + Math.random()));
    }
  }
}

function isMissing(error: unknown): boolean {
  // Which of a 404's reasons it was stands in the body alone where the body's type has a parameter. A bucket may be missing too.
  return error instanceof S3ServiceError && error.status === 404 && (error.body ?? "").includes("<Code>NoSuchKey</Code>");
}

function ignoreMissing(error: unknown): undefined {
  if (!isMissing(error)) throw error;
  return undefined;
}

function unavailable(cause: unknown): HeddleError {
  // What the service answered tells the operator what is wrong, and holds nothing of the request's signature.
  const reason = cause instanceof S3ServiceError || cause instanceof S3NetworkError ? { details: { reason: cause.message } } : {};
  return new HeddleError("unavailable", "The file storage can't be used just now.", { ...reason, cause });
}
