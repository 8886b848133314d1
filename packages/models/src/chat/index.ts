export * from "./create-chat-models.ts";
export { createLocalServers, type LocalServer, type LocalServers, noLocalServers } from "./local-servers.ts";
export type { ProviderType } from "./provider.ts";
export type { PostText } from "./plain-completion.ts";
