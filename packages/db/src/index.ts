export * from "./changes.ts";
export * from "./connect.ts";
export * from "./journal.ts";
export * from "./lookups.ts";
export * from "./migrate.ts";
export * from "./roles.ts";
export * from "./unavailable.ts";
export { Prisma } from "../generated/client/client.ts";
export { uuidv7 } from "uuidv7";
