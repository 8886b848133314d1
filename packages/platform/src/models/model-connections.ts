import { createChatModels, type ChatModels, type LocalServers, type PostText } from "@heddle/models";
import type { CredentialPort } from "@heddle/node-kit";

export interface ModelConnectionsOptions {
  /** The credentials of one workspace, with their secrets, for handing to providers. */
  credentialsOf: (workspaceId: string) => CredentialPort;
  listCredentials: (workspaceId: string) => Promise<{ id: string; type: string; name: string }[]>;
  /** For addresses that a workspace chose. */
  tenantFetch: typeof fetch;
  /** For servers on this machine, which the operator runs. */
  localFetch: typeof fetch;
  /** For whole answers, of either kind. */
  post: PostText;
  localServers: LocalServers;
}

const MAX_KEPT = 1_000;

/** The chat models of each workspace, with their providers kept between runs. */
export function createModelConnections({
  credentialsOf,
  listCredentials,
  tenantFetch,
  localFetch,
  post,
  localServers,
}: ModelConnectionsOptions): (workspaceId: string) => ChatModels {
  const kept = new Map<string, ChatModels>();
  return (workspaceId) => {
    const known = kept.get(workspaceId);
    if (known) return known;
    const credentials = credentialsOf(workspaceId);
    const models = createChatModels({
      resolveCredential: (id) => credentials.resolve(id),
      listCredentials: () => listCredentials(workspaceId),
      postFor: () => post,
      fetchFor: (provider) => (provider === "local" ? localFetch : tenantFetch),
      localServers,
    });
    const oldest = kept.size >= MAX_KEPT ? kept.keys().next().value : undefined;
    if (oldest !== undefined) kept.delete(oldest);
    kept.set(workspaceId, models);
    return models;
  };
}
