import type { AttachedNode } from "@heddle/node-kit";
import { HeddleError, toErrorInfo, type ErrorInfo, type Json, type StepRecord } from "@heddle/schema";
import { checkArguments } from "./check-arguments.ts";
import type { CompiledAttachment } from "./compiled-agent.ts";
import type { Scope } from "./compile-params.ts";
import { heeded } from "./heeded.ts";
import type { StepInside } from "./step-context.ts";

/** The nodes lent to a step, by slot, in document order. @throws HeddleError expression_failed, param_invalid */
export function lendAttachments(inside: StepInside): Record<string, AttachedNode[]> {
  const slots: Record<string, AttachedNode[]> = {};
  for (const slot of inside.plan.node.definition.attachments) slots[slot.name] = [];
  for (const attachment of inside.plan.node.attachments) slots[attachment.slot]?.push(lend(inside, attachment));
  return slots;
}

function lend(inside: StepInside, attachment: CompiledAttachment): AttachedNode {
  const { node, face } = attachment;
  const described = { nodeId: node.id, type: node.type, name: node.name };
  if (attachment.kind !== "tool") return { ...described, params: node.params.resolve(inside.plan.scope) };
  return {
    ...described,
    params: paramsWithoutArguments(inside.plan.scope, attachment),
    tool: { ...face, call: (args, key) => heeded(callTool(inside, attachment, args, key)) },
  };
}

/** A tool's params may make no sense before it is called; then they are shown as they were written. */
function paramsWithoutArguments(scope: Scope, { node }: CompiledAttachment): Record<string, unknown> {
  try {
    return node.params.resolve(scope);
  } catch {
    return node.node.params;
  }
}

type ToolAnswer = { output: Json } | { error: ErrorInfo };

/** Runs an attached node as a journaled part of the step. Rejects only when the step itself has ended. */
function callTool(inside: StepInside, { node, face }: CompiledAttachment, args: Json, key: string): Promise<ToolAnswer> {
  const { run, plan, attempt } = inside;
  const stepKey = `${plan.key}/tool:${key}:${node.id}`;
  const recorded = run.journal.find(stepKey);
  if (recorded !== undefined) return Promise.resolve(asAnswer(recorded));
  const problem = checkArguments(face.parameters, args);
  if (problem !== undefined) {
    const error = new HeddleError("input_invalid", `The arguments of the tool "${face.name}" do not fit: ${problem}.`);
    return Promise.resolve({ error: toErrorInfo(error, node.id) });
  }
  return new Promise((resolve, reject) => {
    if (attempt.isOver) {
      reject(attempt.reason ?? new HeddleError("run_cancelled", "The step has ended."));
      return;
    }
    inside.startInner({
      node,
      key: stepKey,
      scope: Object.assign(Object.create(null) as Scope, plan.scope, { args }),
      arrivals: { in: [{ nodeId: plan.node.id, port: "out", value: args }] },
      kind: "inner",
      onEnd: (record) => resolve(asAnswer(record)),
      onAbandon: reject,
    });
  });
}

function asAnswer(record: StepRecord): ToolAnswer {
  return record.status === "completed" ? { output: record.output } : { error: record.error };
}
