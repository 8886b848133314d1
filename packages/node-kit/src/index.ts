export * from "./control.ts";
export * from "./credential.ts";
export * from "./definition.ts";
export * from "./handler.ts";
export * from "./services.ts";
