import { type CredentialDefinition, defineCredential, type FieldHint } from "@heddle/node-kit";
import { z } from "zod";

/** How the credential form shows a field: as every other field, and hidden where it is secret. */
export interface CredentialFieldHint extends FieldHint {
  isSecret?: boolean;
}

const secret = (hint: FieldHint) =>
  z
    .string()
    .min(1, "fill this in")
    .max(8_192)
    .meta({ ui: { ...hint, isSecret: true } satisfies CredentialFieldHint });
const webAddress = z.url({ protocol: /^https?$/, error: "use an address that begins with https:// or http://" }).max(2_000);
/** Optional fields come as an empty text from forms. */
const emptyAsAbsent = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value: string | undefined) => (value === "" || value === null ? undefined : value), schema.optional()).optional();
const hostOf = (address: string | undefined, fallback: string): string[] => [address ? new URL(address).host : fallback];

const openai = defineCredential({
  type: "openai",
  name: "OpenAI",
  icon: "sparkles",
  docs: "An API key of OpenAI's platform, from the page *API keys*. It is sent to OpenAI only.",
  fields: z.object({
    apiKey: secret({ label: "API key", placeholder: "sk-…" }),
    baseUrl: emptyAsAbsent(webAddress).meta({
      ui: {
        label: "Base URL",
        help: "Only for a gateway that speaks OpenAI's protocol.",
        placeholder: "https://api.openai.com/v1",
        isAdvanced: true,
      } satisfies FieldHint,
    }),
  }),
  allowedHosts: ({ baseUrl }) => hostOf(baseUrl, "api.openai.com"),
});

const anthropic = defineCredential({
  type: "anthropic",
  name: "Anthropic",
  icon: "sparkles",
  docs: "An API key of Anthropic's console. It is sent to Anthropic only.",
  fields: z.object({
    apiKey: secret({ label: "API key", placeholder: "sk-ant-…" }),
    baseUrl: emptyAsAbsent(webAddress).meta({
      ui: {
        label: "Base URL",
        help: "Only for a gateway that speaks Anthropic's protocol.",
        placeholder: "https://api.anthropic.com/v1",
        isAdvanced: true,
      } satisfies FieldHint,
    }),
  }),
  allowedHosts: ({ baseUrl }) => hostOf(baseUrl, "api.anthropic.com"),
});

const openaiCompatible = defineCredential({
  type: "openai-compatible",
  name: "OpenAI-compatible server",
  icon: "server",
  docs: "Any server that speaks OpenAI's chat protocol: Ollama, LM Studio, llama.cpp, vLLM, a gateway. The base URL usually ends in `/v1`.",
  fields: z.object({
    baseUrl: webAddress.meta({ ui: { label: "Base URL", placeholder: "http://localhost:11434/v1" } satisfies FieldHint }),
    apiKey: emptyAsAbsent(z.string().max(8_192)).meta({
      ui: { label: "API key", help: "Left empty where the server needs none.", isSecret: true } satisfies CredentialFieldHint,
    }),
    defaultModel: emptyAsAbsent(z.string().max(200)).meta({
      ui: { label: "Default model", help: "Used where a node names none.", placeholder: "llama3.2" } satisfies FieldHint,
    }),
  }),
  allowedHosts: ({ baseUrl }) => hostOf(baseUrl, ""),
});

const httpBearer = defineCredential({
  type: "http-bearer",
  name: "Bearer token",
  icon: "key-round",
  docs: "A token that is sent as `Authorization: Bearer …`. List the hosts it may be sent to.",
  fields: z.object({ token: secret({ label: "Token" }) }),
  allowedHosts: () => undefined,
});

const httpBasic = defineCredential({
  type: "http-basic",
  name: "User and password",
  icon: "user-round",
  docs: "A user name and a password that are sent as `Authorization: Basic …`. List the hosts they may be sent to.",
  fields: z.object({
    username: z
      .string()
      .min(1, "fill this in")
      .max(1_000)
      .meta({ ui: { label: "User name" } satisfies FieldHint }),
    password: secret({ label: "Password" }),
  }),
  allowedHosts: () => undefined,
});

const httpHeader = defineCredential({
  type: "http-header",
  name: "Secret header",
  icon: "key-square",
  docs: "A header with a secret value, for services that want their key in one, such as `X-Api-Key`. List the hosts it may be sent to.",
  fields: z.object({
    header: z
      .string()
      .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/, "use a header's name, for example X-Api-Key")
      .meta({ ui: { label: "Header", placeholder: "X-Api-Key" } satisfies FieldHint }),
    value: secret({ label: "Value" }),
  }),
  allowedHosts: () => undefined,
});

const webhookSecret = defineCredential({
  type: "webhook-secret",
  name: "Webhook secret",
  icon: "webhook",
  docs: "The secret that you share with a service that sends webhooks. It only checks what arrives and is never sent anywhere.",
  fields: z.object({ secret: secret({ label: "Secret", placeholder: "whsec_…" }) }),
  allowedHosts: () => [],
});

/** Every kind of credential that Heddle knows, by type. */
export const credentials: ReadonlyMap<string, CredentialDefinition> = new Map(
  [openai, anthropic, openaiCompatible, httpBearer, httpBasic, httpHeader, webhookSecret].map((definition) => [
    definition.type,
    definition as unknown as CredentialDefinition,
  ]),
);
