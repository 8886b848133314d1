import { type ChatMessage, type ChatResult, defineHandler } from "@heddle/node-kit";
import type { TokenUsage } from "@heddle/schema";
import { jsonValue } from "../json-value.ts";
import { callModel, modelReference, type ModelRequest } from "../model-call.ts";
import { readStructuredAnswer } from "../structured-answer.ts";
import { llm } from "./definition.ts";
import { composePrompt } from "./compose-prompt.ts";
import { runTools, type ToolUse } from "./run-tools.ts";

export const handler = defineHandler(llm, {
  async run(context) {
    const { params } = context;
    const { messages, citations, question } = await composePrompt(context);
    const attached = context.attachments["tools"] ?? [];
    const tools = attached.flatMap(({ tool }) =>
      tool ? [{ name: tool.name, description: tool.description, parameters: tool.parameters }] : [],
    );
    const request: Omit<ModelRequest, "messages"> = {
      ...modelReference(params),
      ...(params.temperature === undefined ? {} : { temperature: params.temperature }),
      ...(params.maxOutputTokens === undefined ? {} : { maxOutputTokens: params.maxOutputTokens }),
      ...(params.responseSchema === undefined ? {} : { responseSchema: params.responseSchema }),
      ...(context.isWatched ? { onText: context.stream } : {}),
    };

    const usage: TokenUsage = { inputTokens: 0, outputTokens: 0 };
    let calls = 0;
    const ask = async (sent: ChatMessage[], toolChoice?: "auto" | "none"): Promise<ChatResult> => {
      const withTools = tools.length === 0 || toolChoice === undefined ? {} : { tools, toolChoice };
      const result = await callModel(context, `call:${calls++}`, { ...request, ...withTools, messages: sent });
      usage.inputTokens += result.call.usage.inputTokens;
      usage.outputTokens += result.call.usage.outputTokens;
      return result;
    };

    const used: ToolUse[] = [];
    let answer = await ask(messages, "auto");
    for (let round = 0; answer.toolCalls.length > 0 && round < params.maxToolRounds; round++) {
      const results = await runTools(attached, { calls: answer.toolCalls, round, cited: citations.length });
      messages.push({ role: "assistant", content: answer.text, toolCalls: answer.toolCalls }, ...results.messages);
      used.push(...results.uses);
      citations.push(...results.citations);
      // After the last round the model has to answer with what it has.
      answer = await ask(messages, round + 1 < params.maxToolRounds ? "auto" : "none");
    }

    let json: unknown;
    if (params.responseSchema !== undefined) {
      const read = await readStructuredAnswer(answer, { schema: params.responseSchema, messages, ask });
      ({ json, answer } = read);
    }
    if (context.attachments["memory"]?.length) {
      await context.services.conversations.append(
        [
          { role: "user", content: question },
          { role: "assistant", content: answer.text },
        ],
        `${context.idempotencyKey}:memory`,
      );
    }
    return {
      output: jsonValue({
        text: answer.text,
        json,
        toolCalls: used,
        citations,
        finishReason: answer.finishReason,
        usage,
        model: answer.call.model,
      }),
    };
  },
});
