export * from "./document.ts";
export * from "./error.ts";
export * from "./journal.ts";
export * from "./json.ts";
export { migrateDocument } from "./migrate-document.ts";
export * from "./problem.ts";
export * from "./resources.ts";
