export * from "./credentials.ts";
export * from "./definitions.ts";
