import type { LanguageModelV4CallOptions, LanguageModelV4FunctionTool, LanguageModelV4Message } from "@ai-sdk/provider";
import type { ChatMessage, ChatRequest, ChatTool } from "@heddle/node-kit";

/** Our request as the AI SDK's call options, without the provider's own. */
export function toCallOptions(request: ChatRequest): LanguageModelV4CallOptions {
  return {
    prompt: request.messages.flatMap(toMessage),
    ...(request.temperature === undefined ? {} : { temperature: request.temperature }),
    ...(request.maxOutputTokens === undefined ? {} : { maxOutputTokens: request.maxOutputTokens }),
    ...(request.tools === undefined || request.tools.length === 0
      ? {}
      : { tools: request.tools.map(toTool), toolChoice: { type: request.toolChoice ?? "auto" } }),
    ...(request.responseSchema === undefined
      ? {}
      : {
          responseFormat: {
            type: "json" as const,
            schema: request.responseSchema as NonNullable<LanguageModelV4FunctionTool["inputSchema"]>,
            name: "response",
          },
        }),
    ...(request.signal === undefined ? {} : { abortSignal: request.signal }),
  };
}

function toMessage(message: ChatMessage): LanguageModelV4Message[] {
  switch (message.role) {
    case "system":
      return message.content === "" ? [] : [{ role: "system", content: message.content }];
    case "user":
      return [{ role: "user", content: [{ type: "text", text: message.content }] }];
    case "assistant": {
      const content = [
        // Providers refuse empty text blocks.
        ...(message.content === "" ? [] : [{ type: "text" as const, text: message.content }]),
        ...(message.toolCalls ?? []).map(({ id, name, args }) => ({
          type: "tool-call" as const,
          toolCallId: id,
          toolName: name,
          input: args,
        })),
      ];
      return content.length === 0 ? [] : [{ role: "assistant", content }];
    }
    case "tool": {
      const output = { type: message.isError === true ? ("error-text" as const) : ("text" as const), value: message.content };
      return [{ role: "tool", content: [{ type: "tool-result", toolCallId: message.toolCallId, toolName: message.toolName, output }] }];
    }
  }
}

function toTool(tool: ChatTool): LanguageModelV4FunctionTool {
  return {
    type: "function",
    name: tool.name,
    description: tool.description,
    inputSchema: tool.parameters as LanguageModelV4FunctionTool["inputSchema"],
  };
}
