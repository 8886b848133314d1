import type { AttachedNode, ChatMessage, Passage, ToolCall } from "@heddle/node-kit";
import { type ErrorInfo, isRecord, type Json } from "@heddle/schema";
import { type Citation, citePassages } from "../citations.ts";
import { textOf } from "../param-fields.ts";

/** A tool that the model called, as the node's output lists it. What it gave is in the trace, as a step of its own. */
export interface ToolUse {
  name: string;
  args: Json;
  error?: string;
}

/** Tool calls of one round, and how many citations there are already: numbers go on from there. */
export interface ToolRound {
  calls: ToolCall[];
  round: number;
  cited: number;
}

/** Characters of a tool's result that the model gets to read: about 12,500 tokens. */
const MAX_RESULT_LENGTH = 50_000;

/** Runs the calls of one round side by side, and gives the messages that tell the model what came of them, in order. */
export async function runTools(
  attached: AttachedNode[],
  { calls, round, cited }: ToolRound,
): Promise<{ messages: ChatMessage[]; uses: ToolUse[]; citations: Citation[] }> {
  const outcomes = await Promise.all(calls.map((call, index) => runTool(call, attached, `${round}.${index}`)));
  const messages: ChatMessage[] = [];
  const uses: ToolUse[] = [];
  const citations: Citation[] = [];
  for (const [index, outcome] of outcomes.entries()) {
    const { id, name, args } = calls[index] as ToolCall;
    const named = { role: "tool" as const, toolCallId: id, toolName: name };
    if ("error" in outcome) {
      messages.push({ ...named, content: errorForModel(outcome.error), isError: true });
      uses.push({ name, args, error: outcome.error.message });
      continue;
    }
    const found = passagesOf(outcome.output);
    const cite = found && citePassages(found, cited + citations.length + 1);
    if (cite) citations.push(...cite.citations);
    messages.push({ ...named, content: cut(cite ? cite.text || "Nothing was found." : textOf(outcome.output)) });
    uses.push({ name, args });
  }
  return { messages, uses, citations };
}

async function runTool(call: ToolCall, attached: AttachedNode[], key: string): Promise<{ output: Json } | { error: ErrorInfo }> {
  const node = attached.find(({ tool }) => tool?.name === call.name);
  if (node?.tool !== undefined) return node.tool.call(call.args, key);
  const names = attached.flatMap(({ tool }) => (tool ? [tool.name] : []));
  return { error: { code: "not_found", message: `There is no tool "${call.name}". The tools are: ${names.join(", ") || "none"}.` } };
}

/** What a knowledge search gave. The model reads it numbered, so that it can cite it, and once rather than in three forms. */
function passagesOf(output: Json): Passage[] | undefined {
  const isSearch = isRecord(output) && Array.isArray(output["passages"]) && Array.isArray(output["citations"]);
  return isSearch ? (output["passages"] as unknown as Passage[]) : undefined;
}

function errorForModel({ code, message, hint }: ErrorInfo): string {
  return JSON.stringify({ error: { code, message, ...(hint === undefined ? {} : { hint }) } });
}

function cut(text: string): string {
  return text.length <= MAX_RESULT_LENGTH
    ? text
    : `${text.slice(0, MAX_RESULT_LENGTH)}\n[cut: ${text.length - MAX_RESULT_LENGTH} more characters]`;
}
