import { describeFileStorage, filesOf } from "@heddle/testing/file-storage-suite";
import { type S3Server, startS3Server } from "@heddle/testing/servers/s3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createS3Storage } from "./s3-storage.ts";

describeFileStorage("S3", async () => {
  const server = await startS3Server();
  return { storage: createS3Storage(server), close: server.stop };
});

let server: S3Server;
beforeAll(async () => (server = await startS3Server()));
afterAll(() => server.stop());
const bytes = new TextEncoder().encode("x");

test("tries again after a lost connection and a busy service", async () => {
  const storage = createS3Storage(server);
  server.failNext("cut", 503);
  await storage.put("retried", bytes);
  server.failNext(500);
  expect(await storage.get("retried")).toEqual(bytes);
});

test("says so where the service stays away, and where the bucket is none of ours", async () => {
  const storage = createS3Storage(server);
  server.failNext(503, 503, 503);
  await expect(storage.get("any")).rejects.toMatchObject({ code: "unavailable" });
  const elsewhere = createS3Storage({ ...server, bucket: "another-bucket" });
  await expect(elsewhere.get("any")).rejects.toMatchObject({ code: "unavailable" });
  await expect(filesOf(elsewhere)).rejects.toMatchObject({ code: "unavailable" });
});

test("does not repeat what is refused, and keeps the secret out of the error", async () => {
  const secretAccessKey = "canary-secret-access-key";
  const storage = createS3Storage({ ...server, accessKeyId: "somebody else", secretAccessKey });
  const before = server.requests();
  const error: unknown = await storage.put("refused", bytes).catch((fault: unknown) => fault);
  expect(error).toMatchObject({ code: "unavailable" });
  expect(server.requests() - before).toBe(1);
  expect(JSON.stringify(error) + String(error)).not.toContain(secretAccessKey);
});

test("a request that hangs ends in time", async () => {
  const storage = createS3Storage({ ...server, timeoutMs: 200 });
  server.failNext("silent", "silent", "silent");
  await expect(storage.get("any")).rejects.toMatchObject({ code: "unavailable" });
});
