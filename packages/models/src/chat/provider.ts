import { createAnthropic } from "@ai-sdk/anthropic";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import type { LanguageModelV4, LanguageModelV4CallOptions } from "@ai-sdk/provider";
import { HeddleError, type JsonSchema } from "@heddle/schema";
import type { PostText } from "./plain-completion.ts";
import { knownModels } from "./prices.ts";

/** A kind of chat model connection. */
export type ProviderType = "openai" | "anthropic" | "openai-compatible";

/** Where and how to reach a provider's models. */
export interface ProviderSettings {
  type: ProviderType;
  /** Names the provider in usage records: `openai`, `anthropic`, `openai-compatible`, `ollama`, … */
  name: string;
  /** What people call it, for messages. */
  label: string;
  apiKey: string | undefined;
  baseUrl: string | undefined;
  defaultModel: string | undefined;
  fetch: typeof fetch;
  /** For whole answers; without it every call goes through the SDK. */
  post?: PostText | undefined;
}

/** A provider, ready to be called: built once per version of a credential. */
export interface Provider {
  settings: ProviderSettings;
  /** Whether the price table applies: the provider itself, not a gateway in front of it. */
  hasListPrices: boolean;
  languageModel(id: string): LanguageModelV4;
  providerOptions(responseSchema: JsonSchema | undefined): NonNullable<LanguageModelV4CallOptions["providerOptions"]>;
  /** The model to use when none is named. @throws HeddleError not_configured, provider_* */
  defaultModel(signal?: AbortSignal): Promise<string>;
  /** What the provider says it has; its well-known models where it does not say. */
  models(signal?: AbortSignal): Promise<string[]>;
}

const BASE_URLS = { openai: "https://api.openai.com/v1", anthropic: "https://api.anthropic.com/v1" };
/** Cheap models with tools and structured output. */
const DEFAULT_MODELS = { openai: "gpt-5.6-luna", anthropic: "claude-sonnet-5-5" };
const LIST_TIMEOUT_MS = 3_000;
const LIST_TTL_MS = 30_000;

/** Builds the AI SDK's provider over our own fetch. */
export function createProvider(settings: ProviderSettings): Provider {
  const build = languageModels(settings);
  const cache = new Map<string, LanguageModelV4>();
  const listModels = modelList(settings);
  return {
    settings,
    hasListPrices: settings.type !== "openai-compatible" && (settings.baseUrl ?? BASE_URLS[settings.type]) === BASE_URLS[settings.type],
    languageModel(id) {
      let model = cache.get(id);
      if (model === undefined) {
        // Names come from documents; a templated one must not grow the cache without end.
        if (cache.size >= 50) cache.clear();
        model = build(id);
        cache.set(id, model);
      }
      return model;
    },
    // OpenAI's strict mode wants every property required and no others; other schemas are sent as they are.
    providerOptions: (schema) =>
      schema === undefined ? {} : { [settings.type === "openai" ? "openai" : "openaiCompatible"]: { strictJsonSchema: isStrict(schema) } },
    async defaultModel(signal) {
      if (settings.defaultModel !== undefined) return settings.defaultModel;
      if (settings.type !== "openai-compatible") return DEFAULT_MODELS[settings.type];
      const first = (await listModels(signal)).find((model) => !/embed|rerank|whisper|tts/i.test(model));
      if (first !== undefined) return first;
      throw new HeddleError("not_configured", `${settings.label} does not say which models it has.`, {
        hint: "Name a model in the node's settings.",
      });
    },
    models: listModels,
  };
}

function languageModels({ type, apiKey, baseUrl, fetch }: ProviderSettings): (id: string) => LanguageModelV4 {
  // Keys and addresses are always given: without, the SDK would take those of the server's own environment.
  const baseURL = (fallback: string): string => (baseUrl ?? fallback).replace(/\/+$/, "");
  switch (type) {
    case "openai": {
      const provider = createOpenAI({ apiKey: apiKey ?? "", baseURL: baseURL(BASE_URLS.openai), fetch });
      return (id) => provider.chat(id);
    }
    case "anthropic": {
      const provider = createAnthropic({ apiKey: apiKey ?? "", baseURL: baseURL(BASE_URLS.anthropic), fetch });
      return (id) => provider.languageModel(id);
    }
    case "openai-compatible": {
      const provider = createOpenAICompatible({
        name: "openaiCompatible",
        baseURL: baseURL(""),
        includeUsage: true,
        supportsStructuredOutputs: true,
        fetch,
        ...(apiKey === undefined ? {} : { apiKey }),
      });
      return (id) => provider.chatModel(id);
    }
  }
}

/** Asks for the model list, at most once in a while; failures count as an empty answer. */
function modelList({ type, apiKey, baseUrl, fetch }: ProviderSettings): (signal?: AbortSignal) => Promise<string[]> {
  let known: { until: number; models: Promise<string[]> } | undefined;
  const fallback = { openai: knownModels(/^(gpt|o\d)/), anthropic: knownModels(/^claude/), "openai-compatible": [] }[type];
  const address = `${(baseUrl ?? (type === "openai-compatible" ? "" : BASE_URLS[type])).replace(/\/+$/, "")}/models`;
  const headers: Record<string, string> =
    apiKey === undefined
      ? {}
      : type === "anthropic"
        ? { "x-api-key": apiKey, "anthropic-version": "2023-06-01" }
        : { authorization: `Bearer ${apiKey}` };
  return () => {
    if (known === undefined || known.until < Date.now()) {
      const models = fetchModelNames(fetch, address, headers).then(
        (names) => (names.length > 0 ? names : fallback),
        () => fallback,
      );
      known = { until: Date.now() + LIST_TTL_MS, models };
    }
    return known.models;
  };
}

/** Reads `GET /models`, which OpenAI, Anthropic and compatible servers answer alike: `{data: [{id}]}`. */
export async function fetchModelNames(
  fetch: ProviderSettings["fetch"],
  address: string,
  headers: Record<string, string>,
  timeoutMs = LIST_TIMEOUT_MS,
): Promise<string[]> {
  const response = await fetch(address, { headers, signal: AbortSignal.timeout(timeoutMs) });
  const body = (await response.json()) as { data?: unknown };
  if (!response.ok || !Array.isArray(body.data)) throw new HeddleError("provider_invalid_response", `${address} is not a list of models.`);
  const entries = body.data as { id?: unknown }[];
  return entries.flatMap((entry) => (typeof entry?.id === "string" ? [entry.id] : [])).slice(0, 500);
}

/** Whether a schema fits OpenAI's strict mode: closed objects, everything required, at every depth. */
function isStrict(schema: unknown): boolean {
  if (Array.isArray(schema)) return schema.every(isStrict);
  if (typeof schema !== "object" || schema === null) return true;
  const { type, properties, required, additionalProperties } = schema as JsonSchema;
  if (type === "object" || properties !== undefined) {
    const names = Object.keys(properties ?? {});
    if (additionalProperties !== false || names.some((name) => !(required ?? []).includes(name))) return false;
    if (!Object.values(properties ?? {}).every(isStrict)) return false;
  }
  return Object.entries(schema).every(
    ([keyword, value]) => keyword === "properties" || keyword === "enum" || keyword === "const" || isStrict(value),
  );
}
