import type { Json, JsonSchema, ModelCall } from "@heddle/schema";

/**
 * The outside world, as handlers see it: the ports of one workspace. Every adapter behind them is already bound to the
 * workspace of the run, so no handler can name another one's data.
 */
export interface StepServices {
  http: HttpPort;
  models: ChatModelPort;
  embeddings: EmbeddingPort;
  classifiers: ClassifierPort;
  knowledge: KnowledgePort;
  keyValues: KeyValuePort;
  vectors: VectorMemoryPort;
  conversations: ConversationPort;
  code: CodePort;
  credentials: CredentialPort;
}

/** Outgoing HTTP through the one guarded choke point: private addresses are refused on every hop. */
export interface HttpPort {
  /** @throws HeddleError http_blocked, http_failed, step_timeout, value_too_large */
  request(request: HttpRequest): Promise<HttpResponse>;
}
export interface HttpRequest {
  method: string;
  url: string;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
  /** ms; 30 s by default */
  timeoutMs?: number;
  /** bytes; 10 MiB by default */
  maxResponseBytes?: number;
  maxRedirects?: number;
  signal?: AbortSignal;
}
export interface HttpResponse {
  status: number;
  headers: Record<string, string>;
  body: Uint8Array;
  /** The address after redirects. */
  url: string;
}

export type ChatMessage =
  | { role: "system"; content: string }
  | { role: "user"; content: string }
  | { role: "assistant"; content: string; toolCalls?: ToolCall[] }
  | { role: "tool"; toolCallId: string; toolName: string; content: string; isError?: boolean };
export interface ToolCall {
  id: string;
  name: string;
  args: Json;
}
export interface ChatTool {
  name: string;
  description: string;
  parameters: JsonSchema;
}

/** Which model: a stored credential, or a keyless server found on this machine (`local:ollama`, …). */
export interface ModelReference {
  /** Credential id, `local:<name>`, or `auto`: the workspace's only usable provider. */
  connection: string;
  /** Absent: the provider's default. */
  model?: string;
}
export interface ChatRequest extends ModelReference {
  messages: ChatMessage[];
  tools?: ChatTool[];
  toolChoice?: "auto" | "none" | "required";
  /** Ask for JSON of this shape. */
  responseSchema?: JsonSchema;
  temperature?: number;
  maxOutputTokens?: number;
  signal?: AbortSignal;
  /** When given, the answer is streamed and each piece of text is passed on as it arrives. */
  onText?: (delta: string) => void;
}
export interface ChatResult {
  text: string;
  toolCalls: ToolCall[];
  finishReason: "stop" | "length" | "tool-calls" | "content-filter" | "error" | "other";
  call: ModelCall;
}
export interface ChatModelPort {
  /** @throws HeddleError provider_* */
  chat(request: ChatRequest): Promise<ChatResult>;
  /** Whether `auto` or the connection would find a model, without calling it. */
  isAvailable(reference: ModelReference): Promise<boolean>;
}

/** The built-in embedding model (384 dimensions, unit length), or a configured one. */
export interface EmbeddingPort {
  embed(texts: string[], signal?: AbortSignal): Promise<Float32Array[]>;
  readonly dimensions: number;
}

export interface Classification {
  label: string;
  /** Calibrated, 0…1. */
  confidence: number;
  /** The next best labels, best first. */
  alternatives: { label: string; confidence: number }[];
}
export interface ClassifierPort {
  /**
   * Labels a text by the examples of a data set, training first when the current version was not trained yet.
   * @throws HeddleError not_found, dataset_too_small, training_failed
   */
  classify(request: { datasetId: string; text: string; alternatives?: number; signal?: AbortSignal }): Promise<Classification>;
}

export interface Passage {
  text: string;
  /** 0…1 */
  score: number;
  documentId: string;
  documentName: string;
  /** Position of the passage in its document, from 0. */
  chunk: number;
  /** Heading path or row, where the source has one. */
  section?: string;
}
export interface KnowledgePort {
  /** Searches by meaning and by words together. @throws HeddleError not_found */
  search(request: { knowledgeBaseId: string; query: string; limit?: number; minScore?: number; signal?: AbortSignal }): Promise<Passage[]>;
}

export type MemoryScope = "execution" | "conversation" | "agent" | "workspace";
/** Values are JSON; `key` is the user's own, the scope's owner is added by the adapter. */
export interface KeyValuePort {
  get(scope: MemoryScope, key: string): Promise<Json | undefined>;
  set(scope: MemoryScope, key: string, value: Json, ttlMs?: number): Promise<void>;
  /** Adds to a number; a new one begins at 0, and is forgotten after `ttlMs` where that is given. */
  increment(scope: MemoryScope, key: string, by: number, idempotencyKey: string, ttlMs?: number): Promise<number>;
  delete(scope: MemoryScope, key: string): Promise<boolean>;
}

/** A text that is remembered. */
export interface VectorMemory {
  id: string;
  /** What it was called when it was remembered, if anything. */
  name?: string;
  text: string;
  metadata: Json;
  /** How close its meaning is to the question's: the cosine, 1 for the same. */
  score: number;
  /** ms since the epoch */
  createdAt: number;
}
/** Texts remembered by their meaning, apart for each scope's owner as key-values are. */
export interface VectorMemoryPort {
  /**
   * Remembers a text; under a name, in place of the one that had it.
   * @throws HeddleError param_invalid, value_too_large
   */
  remember(
    request: { scope: MemoryScope; text: string; name?: string; metadata?: Json; ttlMs?: number; signal?: AbortSignal },
    idempotencyKey: string,
  ): Promise<{ id: string }>;
  /** The closest texts, closest first: an exact search. */
  recall(request: { scope: MemoryScope; query: string; limit: number; minScore?: number; signal?: AbortSignal }): Promise<VectorMemory[]>;
  /** Forgets a text by name or id, or all that are at least so close to a question. Returns how many. */
  forget(request: { scope: MemoryScope } & ({ name: string } | { query: string; minScore: number; signal?: AbortSignal })): Promise<number>;
}

export interface ConversationMessage {
  role: "user" | "assistant";
  content: string;
}
/** What a conversation came to, and where its messages go on from there. */
export interface ConversationHistory {
  summary?: string;
  /** Those after what the summary says, oldest first; the latest, where there are more than were asked for. */
  messages: (ConversationMessage & { id: string })[];
}
/** The messages of the run's conversation; empty, and writing does nothing, where a run has none. */
export interface ConversationPort {
  /** The latest messages, oldest first. */
  load(limit: number): Promise<ConversationMessage[]>;
  append(messages: ConversationMessage[], idempotencyKey: string): Promise<void>;
  /** The summary, and at most so many messages that are not in it yet. */
  history(limit: number): Promise<ConversationHistory>;
  /** Keeps a summary of all messages up to and including one. An older one than is kept changes nothing. */
  summarise(summary: string, until: string): Promise<void>;
}

export interface CodeRequest {
  language: "javascript" | "typescript";
  source: string;
  /** Bound to `input` in the code. */
  input: Json;
  timeoutMs?: number;
  memoryMb?: number;
  signal?: AbortSignal;
}
export interface CodeResult {
  value: Json;
  logs: string[];
}
export interface CodePort {
  /** @throws HeddleError code_failed, code_timeout, code_out_of_memory */
  run(request: CodeRequest): Promise<CodeResult>;
}

export interface ResolvedCredential {
  id: string;
  type: string;
  /** Secret and plain fields together; never log, never return. */
  fields: Record<string, string>;
  /** Hosts it may be sent to; `*.example.com` covers subdomains; empty means none. */
  allowedHosts: string[];
}
export interface CredentialPort {
  /** @throws HeddleError not_found */
  resolve(id: string): Promise<ResolvedCredential>;
}
