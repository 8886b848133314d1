import { isRecord, type Json } from "@heddle/schema";
import { DEFAULT_USAGE, piecesOf, startModelServer, type ModelProtocol, type ModelServer } from "./model-server.ts";

/**
 * A scripted server of Anthropic's Messages protocol (version 2023-06-01): answers, event streams, tool use, structured
 * output, model list, and failures on demand. The shapes are those of Anthropic's API reference and streaming guide.
 */
export function startAnthropicServer(): Promise<ModelServer> {
  return startModelServer(protocol);
}

const STOP_REASONS = { stop: "end_turn", length: "max_tokens", "content-filter": "refusal" } as const;

const protocol: ModelProtocol = {
  callPath: "/v1/messages",
  pages: {
    "/v1/models": {
      data: [{ type: "model", id: "claude-scripted", display_name: "Scripted", created_at: "2026-01-01T00:00:00Z" }],
      has_more: false,
      first_id: "claude-scripted",
      last_id: "claude-scripted",
    },
  },
  wantedSchema: (body) => {
    const config = body["output_config"];
    const format = isRecord(config) ? config["format"] : body["output_format"];
    return isRecord(format) ? format["schema"] : undefined;
  },
  reply: (body, reply) => {
    const { blocks, stopReason, inputTokens, outputTokens } = partsOf(reply);
    return {
      ...envelope(body),
      content: blocks.map((block) =>
        block.type === "text"
          ? { type: "text", text: block.text }
          : { ...head(block), input: JSON.parse(JSON.stringify(block.args)) as Json },
      ),
      stop_reason: stopReason,
      stop_sequence: null,
      usage: { input_tokens: inputTokens, output_tokens: outputTokens, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 },
    };
  },
  events: (body, reply) => {
    const { blocks, stopReason, inputTokens, outputTokens } = partsOf(reply);
    return [
      event("message_start", {
        message: {
          ...envelope(body),
          content: [],
          stop_reason: null,
          stop_sequence: null,
          usage: { input_tokens: inputTokens, output_tokens: 1, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 },
        },
      }),
      event("ping", {}),
      ...blocks.flatMap((block, index) => [
        event("content_block_start", {
          index,
          content_block: block.type === "text" ? { type: "text", text: "" } : { ...head(block), input: {} },
        }),
        ...(block.type === "text"
          ? piecesOf(block.text).map((text) => event("content_block_delta", { index, delta: { type: "text_delta", text } }))
          : piecesOf(typeof block.args === "string" ? block.args : JSON.stringify(block.args)).map((partial) =>
              event("content_block_delta", { index, delta: { type: "input_json_delta", partial_json: partial } }),
            )),
        event("content_block_stop", { index }),
      ]),
      event("message_delta", { delta: { stop_reason: stopReason, stop_sequence: null }, usage: { output_tokens: outputTokens } }),
      event("message_stop", {}),
    ];
  },
  errorBody: (_status, type, message) => ({ type: "error", error: { type, message }, request_id: "req_scripted" }),
  errorEvent: (message) => event("error", { error: { type: "overloaded_error", message } }),
};

type Block = { type: "text"; text: string } | { type: "tool_use"; id: string; name: string; args: Json };

function event(type: string, data: Record<string, Json>): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`;
}

function head(block: Extract<Block, { type: "tool_use" }>): Record<string, Json> {
  return { type: "tool_use", id: block.id, name: block.name };
}

function envelope(body: Record<string, unknown>): Record<string, Json> {
  return { id: "msg_scripted", type: "message", role: "assistant", model: String(body["model"]) };
}

function partsOf(reply: Parameters<ModelProtocol["reply"]>[1]): {
  blocks: Block[];
  stopReason: string;
  inputTokens: number;
  outputTokens: number;
} {
  const text = "json" in reply ? JSON.stringify(reply.json) : reply.text;
  const calls = "toolCalls" in reply ? reply.toolCalls : [];
  return {
    blocks: [
      ...(text === undefined ? [] : [{ type: "text" as const, text }]),
      ...calls.map(({ id, name, args }, index) => ({ type: "tool_use" as const, id: id ?? `toolu_${index + 1}`, name, args })),
    ],
    stopReason: calls.length > 0 ? "tool_use" : STOP_REASONS["finishReason" in reply ? (reply.finishReason ?? "stop") : "stop"],
    ...(reply.usage ?? DEFAULT_USAGE),
  };
}
