import { APICallError } from "@ai-sdk/provider";
import type { ChatMessage, ChatRequest, ChatResult } from "@heddle/node-kit";
import { isRecord, type TokenUsage } from "@heddle/schema";
import type { ProviderSettings } from "./provider.ts";

/** Posts text and reads the whole answer as text, over pooled connections. */
export type PostText = (request: {
  url: string;
  headers: Record<string, string>;
  body: string;
  signal?: AbortSignal;
}) => Promise<{ status: number; headers: Record<string, string | string[] | undefined>; text: string }>;

export interface PlainAnswer {
  text: string;
  finishReason: ChatResult["finishReason"];
  usage: TokenUsage;
}

/**
 * Whether a request needs nothing of a compatible server but messages in and text out. Such a call is made without the
 * SDK, which spends 0.1 ms on schemas and streams that it does not need: as much as all else that a small run costs.
 */
export function isPlainCompletion(settings: ProviderSettings, request: ChatRequest): boolean {
  return (
    settings.type === "openai-compatible" &&
    settings.post !== undefined &&
    request.onText === undefined &&
    request.responseSchema === undefined &&
    (request.tools === undefined || request.tools.length === 0) &&
    request.messages.every(isPlain)
  );
}

function isPlain(message: ChatMessage): boolean {
  return message.role !== "tool" && !(message.role === "assistant" && message.toolCalls !== undefined && message.toolCalls.length > 0);
}

/**
 * `POST /chat/completions` as OpenAI documents it.
 * @throws APICallError as the SDK does, what the transport throws, the signal's reason on abort
 */
export async function completePlainly(
  post: PostText,
  settings: ProviderSettings,
  model: string,
  request: ChatRequest,
): Promise<PlainAnswer> {
  const url = `${(settings.baseUrl ?? "").replace(/\/+$/, "")}/chat/completions`;
  const body: Record<string, unknown> = {
    model,
    messages: request.messages.filter(({ content }) => content !== "").map(({ role, content }) => ({ role, content })),
  };
  if (request.temperature !== undefined) body["temperature"] = request.temperature;
  if (request.maxOutputTokens !== undefined) body["max_tokens"] = request.maxOutputTokens;
  const headers: Record<string, string> = { "content-type": "application/json", accept: "application/json" };
  if (settings.apiKey !== undefined) headers["authorization"] = `Bearer ${settings.apiKey}`;

  const answer = await post({
    url,
    headers,
    body: JSON.stringify(body),
    ...(request.signal === undefined ? {} : { signal: request.signal }),
  });
  const parsed = parse(answer.text);
  const completion = answer.status >= 200 && answer.status < 300 ? readCompletion(parsed) : undefined;
  if (completion !== undefined) return completion;
  throw new APICallError({
    message: errorText(parsed),
    url,
    requestBodyValues: {},
    statusCode: answer.status,
    responseHeaders: Object.fromEntries(Object.entries(answer.headers).map(([name, value]) => [name, String(value)])),
    data: parsed,
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function readCompletion(answer: unknown): PlainAnswer | undefined {
  const choices = isRecord(answer) ? answer["choices"] : undefined;
  const [choice] = Array.isArray(choices) ? (choices as unknown[]) : [];
  const message = isRecord(choice) ? choice["message"] : undefined;
  if (!isRecord(answer) || !isRecord(choice) || !isRecord(message)) return undefined;
  const { content } = message;
  if (content !== undefined && content !== null && typeof content !== "string") return undefined;
  const usage = isRecord(answer["usage"]) ? answer["usage"] : {};
  return {
    text: content ?? "",
    finishReason: FINISH_REASONS[String(choice["finish_reason"])] ?? "other",
    usage: { inputTokens: tokens(usage["prompt_tokens"]), outputTokens: tokens(usage["completion_tokens"]) },
  };
}

const FINISH_REASONS: Record<string, ChatResult["finishReason"]> = {
  stop: "stop",
  length: "length",
  content_filter: "content-filter",
  tool_calls: "tool-calls",
  function_call: "tool-calls",
};

function tokens(count: unknown): number {
  return typeof count === "number" && Number.isFinite(count) ? count : 0;
}

function errorText(answer: unknown): string {
  const error = isRecord(answer) ? answer["error"] : undefined;
  if (typeof error === "string") return error;
  return isRecord(error) && typeof error["message"] === "string" ? error["message"] : "";
}
