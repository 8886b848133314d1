export * from "./access.ts";
export * from "./actor.ts";
export * from "./permission.ts";
