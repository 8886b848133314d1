import type {
  LanguageModelV4CallOptions,
  LanguageModelV4FinishReason,
  LanguageModelV4StreamPart,
  LanguageModelV4ToolCall,
  LanguageModelV4Usage,
} from "@ai-sdk/provider";
import type { ChatRequest, ChatResult, ToolCall } from "@heddle/node-kit";
import { HeddleError, type Json, type ModelCall } from "@heddle/schema";
import { completePlainly, isPlainCompletion } from "./plain-completion.ts";
import { costOf } from "./prices.ts";
import { toCallOptions } from "./prompt.ts";
import type { Provider } from "./provider.ts";
import { toProviderError } from "./provider-error.ts";

interface Answer {
  text: string;
  toolCalls: LanguageModelV4ToolCall[];
  finishReason: LanguageModelV4FinishReason;
  usage: LanguageModelV4Usage;
}

/**
 * Makes one call, streamed when the request listens to text. It is never repeated here: whether to try again is the
 * run's decision, by the error.
 * @throws HeddleError provider_*; the signal's reason on abort
 */
export async function callModel(provider: Provider, model: string, request: ChatRequest): Promise<ChatResult> {
  const startedAt = performance.now();
  const { post } = provider.settings;
  if (post !== undefined && isPlainCompletion(provider.settings, request)) {
    const { text, finishReason, usage } = await asProviderError(provider, request, () =>
      completePlainly(post, provider.settings, model, request),
    );
    const call = { provider: provider.settings.name, model, usage, durationMs: Math.round(performance.now() - startedAt) };
    return { text, toolCalls: [], finishReason, call };
  }
  const options: LanguageModelV4CallOptions = {
    ...toCallOptions(request),
    providerOptions: provider.providerOptions(request.responseSchema),
  };
  const { onText } = request;
  const answer = await asProviderError(provider, request, () =>
    onText === undefined ? generate(provider, model, options) : stream(provider, model, options, onText),
  );
  const { text, finishReason, usage } = answer;
  return {
    text,
    toolCalls: answer.toolCalls.map((call) => toToolCall(call, provider.settings.label)),
    finishReason: finishReason.unified === "interrupted" ? "other" : finishReason.unified,
    call: toModelCall(provider, model, usage, performance.now() - startedAt),
  };
}

async function asProviderError<T>(provider: Provider, { signal }: ChatRequest, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (signal?.aborted === true) throw signal.reason;
    throw toProviderError(error, provider.settings);
  }
}

async function generate(provider: Provider, model: string, options: LanguageModelV4CallOptions): Promise<Answer> {
  const { content, finishReason, usage } = await provider.languageModel(model).doGenerate(options);
  let text = "";
  const toolCalls: LanguageModelV4ToolCall[] = [];
  for (const part of content) {
    if (part.type === "text") text += part.text;
    else if (part.type === "tool-call") toolCalls.push(part);
  }
  return { text, toolCalls, finishReason, usage };
}

async function stream(
  provider: Provider,
  model: string,
  options: LanguageModelV4CallOptions,
  onText: (delta: string) => void,
): Promise<Answer> {
  const result = await provider.languageModel(model).doStream(options);
  let text = "";
  const toolCalls: LanguageModelV4ToolCall[] = [];
  let finish: Extract<LanguageModelV4StreamPart, { type: "finish" }> | undefined;
  const reader = result.stream.getReader();
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      const { value } = part;
      if (value.type === "text-delta") {
        text += value.delta;
        onText(value.delta);
      } else if (value.type === "tool-call") toolCalls.push(value);
      else if (value.type === "finish") finish = value;
      else if (value.type === "error") throw value.error;
    }
  } catch (error) {
    // Lets go of the connection; its failure to do so changes nothing.
    reader.cancel(error).catch(() => {});
    throw error;
  }
  // Providers end a stream by saying why; one that just ends was cut off.
  if (finish?.finishReason.raw === undefined) {
    throw new HeddleError("provider_invalid_response", `The answer of ${provider.settings.label} stopped halfway.`);
  }
  return { text, toolCalls, finishReason: finish.finishReason, usage: finish.usage };
}

function toToolCall(call: LanguageModelV4ToolCall, label: string): ToolCall {
  let args: Json;
  try {
    args = call.input.trim() === "" ? {} : (JSON.parse(call.input) as Json);
  } catch {
    throw new HeddleError(
      "provider_invalid_response",
      `The model of ${label} called the tool "${call.toolName}" with arguments that are not JSON.`,
    );
  }
  return { id: call.toolCallId, name: call.toolName, args };
}

function toModelCall(provider: Provider, model: string, usage: LanguageModelV4Usage, durationMs: number): ModelCall {
  const tokens = { inputTokens: usage.inputTokens.total ?? 0, outputTokens: usage.outputTokens.total ?? 0 };
  const costUsd = provider.hasListPrices ? costOf(model, tokens, usage.inputTokens.cacheRead) : undefined;
  return {
    provider: provider.settings.name,
    model,
    usage: tokens,
    durationMs: Math.round(durationMs),
    ...(costUsd === undefined ? {} : { costUsd }),
  };
}
