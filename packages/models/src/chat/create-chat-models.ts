import type { ChatModelPort, ModelReference, ResolvedCredential } from "@heddle/node-kit";
import { HeddleError } from "@heddle/schema";
import { callModel } from "./call-model.ts";
import { type LocalServer, type LocalServers, noLocalServers } from "./local-servers.ts";
import type { PostText } from "./plain-completion.ts";
import { createProvider, type Provider, type ProviderType } from "./provider.ts";

/** A connection that a person can choose; matches `modelConnection` of the API. */
export interface ChatConnection {
  connection: string;
  label: string;
  provider: string;
  models: string[];
  isLocal: boolean;
}

export interface ChatModelsOptions {
  /** Called on each use of a credential; should answer from memory while nothing changed. @throws HeddleError not_found */
  resolveCredential(id: string): Promise<Pick<ResolvedCredential, "type" | "fields">>;
  /** The workspace's credentials, oldest first; those of other types are passed over. */
  listCredentials(): Promise<{ id: string; type: string; name: string }[]>;
  /** The guarded fetch for a kind of provider. */
  fetchFor(provider: ProviderType | "local"): typeof fetch;
  /** A faster way for whole answers, guarded alike. */
  postFor?(provider: ProviderType | "local"): PostText;
  localServers?: LocalServers;
}

export interface ChatModels extends ChatModelPort {
  /** What can be chosen, with each one's models. A provider that does not answer is listed with its well-known ones. */
  connections(): Promise<ChatConnection[]>;
}

const PROVIDER_LABELS: Record<ProviderType, string> = { openai: "OpenAI", anthropic: "Anthropic", "openai-compatible": "The model server" };
const LOCAL_PREFIX = "local:";

/**
 * The language models of one workspace. `auto` means its oldest model credential, else the first server found on this
 * machine, so that connecting another provider later changes no agent.
 */
export function createChatModels(options: ChatModelsOptions): ChatModels {
  const localServers = options.localServers ?? noLocalServers;
  // By credential; rebuilt when a field changes, kept while none does.
  const providers = new Map<string, { version: string; provider: Provider }>();

  const cached = (key: string, version: string, build: () => Provider): Provider => {
    const entry = providers.get(key);
    if (entry?.version === version) return entry.provider;
    const provider = build();
    providers.set(key, { version, provider });
    return provider;
  };

  const ofCredential = async (id: string): Promise<Provider> => {
    const { type, fields } = await options.resolveCredential(id).catch((error: unknown) => {
      providers.delete(id);
      throw error instanceof HeddleError && error.code === "not_found"
        ? notConnected("The model connection of this node no longer exists.")
        : error;
    });
    if (!isProviderType(type)) throw notConnected("The credential of this node is not a model provider's.");
    const { apiKey, baseUrl, defaultModel } = fields;
    return cached(id, JSON.stringify([type, apiKey, baseUrl, defaultModel]), () =>
      createProvider({
        type,
        name: type,
        label: PROVIDER_LABELS[type],
        apiKey: apiKey || undefined,
        baseUrl: baseUrl || undefined,
        defaultModel: defaultModel || undefined,
        fetch: options.fetchFor(type),
        post: options.postFor?.(type),
      }),
    );
  };

  const ofServer = ({ name, label, baseUrl }: LocalServer): Provider =>
    cached(LOCAL_PREFIX + name, baseUrl, () =>
      createProvider({
        type: "openai-compatible",
        name,
        label,
        apiKey: undefined,
        baseUrl,
        defaultModel: undefined,
        fetch: options.fetchFor("local"),
        post: options.postFor?.("local"),
      }),
    );

  const modelCredentials = async (): Promise<{ id: string; type: ProviderType; name: string }[]> =>
    (await options.listCredentials()).filter((credential): credential is { id: string; type: ProviderType; name: string } =>
      isProviderType(credential.type),
    );

  const find = async ({ connection }: ModelReference): Promise<Provider> => {
    if (connection.startsWith(LOCAL_PREFIX)) {
      const server = (await localServers.list()).find(({ name }) => LOCAL_PREFIX + name === connection);
      if (server !== undefined) return ofServer(server);
      throw notConnected(
        `No model server answers as "${connection.slice(LOCAL_PREFIX.length, 80)}" on this machine.`,
        "Start it, or choose another connection.",
      );
    }
    if (connection !== "auto") return ofCredential(connection);
    const credential = (await modelCredentials())[0];
    if (credential !== undefined) return ofCredential(credential.id);
    const server = (await localServers.list())[0];
    if (server !== undefined) return ofServer(server);
    throw notConnected("No model provider is connected.");
  };

  return {
    async chat(request) {
      request.signal?.throwIfAborted();
      const provider = await find(request);
      return callModel(provider, request.model || (await provider.defaultModel(request.signal)), request);
    },
    async isAvailable(reference) {
      try {
        await find(reference);
        return true;
      } catch (error) {
        if (error instanceof HeddleError && error.code === "provider_not_connected") return false;
        throw error;
      }
    },
    async connections() {
      const [credentials, servers] = await Promise.all([modelCredentials(), localServers.list()]);
      const connected = credentials.map(async ({ id, type, name }): Promise<ChatConnection> => {
        const models = await ofCredential(id).then(
          (provider) => provider.models(),
          () => [],
        );
        return { connection: id, label: name, provider: type, models, isLocal: false };
      });
      const local = servers.map(({ name, label, models }) => ({
        connection: LOCAL_PREFIX + name,
        label: `${label} on this machine`,
        provider: name,
        models,
        isLocal: true,
      }));
      return [...(await Promise.all(connected)), ...local];
    },
  };
}

function isProviderType(type: string): type is ProviderType {
  return Object.hasOwn(PROVIDER_LABELS, type);
}

function notConnected(
  message: string,
  hint = "Add a key under Credentials, or start a model server such as Ollama on this machine.",
): HeddleError {
  return new HeddleError("provider_not_connected", message, { hint });
}
