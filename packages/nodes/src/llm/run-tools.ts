import type { AttachedNode, ChatMessage, ToolCall } from "@heddle/node-kit";
import type { ErrorInfo, Json } from "@heddle/schema";
import { textOf } from "../param-fields.ts";

/** A tool that the model called, as the node's output lists it. What it gave is in the trace, as a step of its own. */
export interface ToolUse {
  name: string;
  args: Json;
  error?: string;
}

/** Characters of a tool's result that the model gets to read: about 12,500 tokens. */
const MAX_RESULT_LENGTH = 50_000;

/** Runs the calls of one round side by side, and gives the messages that tell the model what came of them, in order. */
export async function runTools(
  calls: ToolCall[],
  attached: AttachedNode[],
  round: number,
): Promise<{ messages: ChatMessage[]; uses: ToolUse[] }> {
  const outcomes = await Promise.all(calls.map((call, index) => runTool(call, attached, `${round}.${index}`)));
  return {
    messages: outcomes.map((outcome, index) => {
      const call = calls[index] as ToolCall;
      const named = { role: "tool" as const, toolCallId: call.id, toolName: call.name };
      if ("error" in outcome) return { ...named, content: errorForModel(outcome.error), isError: true };
      return { ...named, content: cut(textOf(outcome.output)) };
    }),
    uses: outcomes.map((outcome, index) => {
      const { name, args } = calls[index] as ToolCall;
      return "error" in outcome ? { name, args, error: outcome.error.message } : { name, args };
    }),
  };
}

async function runTool(call: ToolCall, attached: AttachedNode[], key: string): Promise<{ output: Json } | { error: ErrorInfo }> {
  const node = attached.find(({ tool }) => tool?.name === call.name);
  if (node?.tool !== undefined) return node.tool.call(call.args, key);
  const names = attached.flatMap(({ tool }) => (tool ? [tool.name] : []));
  return { error: { code: "not_found", message: `There is no tool "${call.name}". The tools are: ${names.join(", ") || "none"}.` } };
}

function errorForModel({ code, message, hint }: ErrorInfo): string {
  return JSON.stringify({ error: { code, message, ...(hint === undefined ? {} : { hint }) } });
}

function cut(text: string): string {
  return text.length <= MAX_RESULT_LENGTH
    ? text
    : `${text.slice(0, MAX_RESULT_LENGTH)}\n[cut: ${text.length - MAX_RESULT_LENGTH} more characters]`;
}
