export { createDiskStorage } from "./disk-storage.ts";
export type { FileStorage, StoredFile } from "./file-storage.ts";
export { createS3Storage, type S3Options } from "./s3-storage.ts";
