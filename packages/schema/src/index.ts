export * from "./document.ts";
export * from "./error.ts";
export * from "./journal.ts";
export * from "./json.ts";
export { migrateDocument, receivedDocument } from "./migrate-document.ts";
export * from "./problem.ts";
export * from "./resources.ts";
export * from "./schedules.ts";
export * from "./webhooks.ts";
