import { isRecord, type Json } from "@heddle/schema";
import { DEFAULT_USAGE, piecesOf, startModelServer, type ModelProtocol, type ModelServer } from "./model-server.ts";

/**
 * A scripted server of the OpenAI Chat Completions protocol: answers, streams, function calls, structured output, model
 * list, and failures on demand. The shapes are those of OpenAI's API reference (Chat Completions, object and chunk).
 */
export function startOpenAiServer(): Promise<ModelServer> {
  return startModelServer(protocol);
}

const CREATED = 1_700_000_000;
const FINISH_REASONS = { stop: "stop", length: "length", "content-filter": "content_filter" } as const;

const protocol: ModelProtocol = {
  callPath: "/v1/chat/completions",
  pages: {
    "/v1/models": {
      object: "list",
      data: ["scripted-large", "scripted-small"].map((id) => ({ id, object: "model", created: CREATED, owned_by: "heddle" })),
    },
  },
  wantedSchema: (body) => {
    const format = body["response_format"];
    const jsonSchema = isRecord(format) && isRecord(format["json_schema"]) ? format["json_schema"] : undefined;
    return jsonSchema?.["schema"];
  },
  reply: (body, reply) => {
    const { content, calls, finish, usage } = partsOf(reply);
    return {
      ...envelope(body, "chat.completion"),
      choices: [
        {
          index: 0,
          message: {
            role: "assistant",
            content,
            refusal: null,
            ...(calls.length === 0
              ? {}
              : { tool_calls: calls.map(({ id, name, args }) => ({ id, type: "function", function: { name, arguments: args } })) }),
          },
          logprobs: null,
          finish_reason: finish,
        },
      ],
      usage,
    };
  },
  events: (body, reply) => {
    const { content, calls, finish, usage } = partsOf(reply);
    const chunk = (choices: Json[], more: Record<string, Json> = {}): string =>
      `data: ${JSON.stringify({ ...envelope(body, "chat.completion.chunk"), choices, ...more })}\n\n`;
    const delta = (value: Json, finishReason: string | null = null): string =>
      chunk([{ index: 0, delta: value, logprobs: null, finish_reason: finishReason }]);
    const options = body["stream_options"];
    return [
      delta({ role: "assistant", content: content === null ? null : "", refusal: null }),
      ...piecesOf(content ?? "").map((piece) => delta({ content: piece })),
      ...calls.flatMap(({ id, name, args }, index) => [
        delta({ tool_calls: [{ index, id, type: "function", function: { name, arguments: "" } }] }),
        ...piecesOf(args).map((piece) => delta({ tool_calls: [{ index, function: { arguments: piece } }] })),
      ]),
      delta({}, finish),
      ...(isRecord(options) && options["include_usage"] === true ? [chunk([], { usage })] : []),
      "data: [DONE]\n\n",
    ];
  },
  errorBody: (_status, type, message) => ({ error: { message, type, param: null, code: null } }),
  errorEvent: (message) => `data: ${JSON.stringify({ error: { message, type: "server_error", param: null, code: null } })}\n\n`,
};

function envelope(body: Record<string, unknown>, object: string): Record<string, Json> {
  return { id: "chatcmpl-scripted", object, created: CREATED, model: String(body["model"]), system_fingerprint: "fp_scripted" };
}

function partsOf(reply: Parameters<ModelProtocol["reply"]>[1]): {
  content: string | null;
  calls: { id: string; name: string; args: string }[];
  finish: string;
  usage: Json;
} {
  const { inputTokens, outputTokens } = reply.usage ?? DEFAULT_USAGE;
  const calls = "toolCalls" in reply ? reply.toolCalls : [];
  return {
    content: "json" in reply ? JSON.stringify(reply.json) : (reply.text ?? null),
    calls: calls.map(({ id, name, args }, index) => ({
      id: id ?? `call_${index + 1}`,
      name,
      args: typeof args === "string" ? args : JSON.stringify(args),
    })),
    finish: calls.length > 0 ? "tool_calls" : FINISH_REASONS["finishReason" in reply ? (reply.finishReason ?? "stop") : "stop"],
    usage: { prompt_tokens: inputTokens, completion_tokens: outputTokens, total_tokens: inputTokens + outputTokens },
  };
}
