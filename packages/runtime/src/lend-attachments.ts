import type { AttachedNode } from "@heddle/node-kit";
import { HeddleError, toErrorInfo, type ErrorInfo, type Json, type StepRecord } from "@heddle/schema";
import { checkArguments } from "./check-arguments.ts";
import type { CompiledAttachment } from "./compiled-agent.ts";
import type { Scope } from "./compiled-part.ts";
import { heeded } from "./heeded.ts";
import type { StepAttempt } from "./step-attempt.ts";
import type { StepInside } from "./step-context.ts";
import { scopeFor } from "./step-plan.ts";

/** The nodes lent to a step, by slot, in document order. @throws HeddleError expression_failed, param_invalid */
export function lendAttachments(inside: StepInside, attempt: StepAttempt): Record<string, AttachedNode[]> {
  const slots: Record<string, AttachedNode[]> = {};
  const { node } = inside.plan;
  for (const slot of node.definition.attachments) slots[slot.name] = [];
  const scope = node.attachments.length === 0 ? inside.plan.scope : scopeFor(inside.plan);
  for (const attachment of node.attachments) slots[attachment.slot]?.push(lend({ inside, attempt, scope }, attachment));
  return slots;
}

interface Loan {
  readonly inside: StepInside;
  readonly attempt: StepAttempt;
  readonly scope: Scope;
}

function lend(loan: Loan, attachment: CompiledAttachment): AttachedNode {
  const { node, face } = attachment;
  const described = { nodeId: node.id, type: node.type, name: node.name };
  if (attachment.kind !== "tool") return { ...described, params: node.params.resolve(loan.scope) };
  return {
    ...described,
    params: paramsWithoutArguments(loan.scope, attachment),
    tool: { ...face, call: (args, key) => heeded(callTool(loan, attachment, args, key)) },
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
function callTool({ inside, attempt }: Loan, { node, face }: CompiledAttachment, args: Json, key: string): Promise<ToolAnswer> {
  const { plan } = inside;
  const stepKey = `${plan.key}/tool:${key}:${node.id}`;
  const recorded = inside.find(stepKey);
  if (recorded !== undefined) {
    // What it changed takes effect with the step that called it, so every try of that one passes it on.
    if (recorded.state !== undefined) attempt.addUpdates(recorded.state);
    return Promise.resolve(asAnswer(recorded));
  }
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
    inside.startInner(attempt, {
      node,
      key: stepKey,
      frame: plan.frame,
      scope: Object.assign(Object.create(null) as Scope, plan.scope, { args }),
      state: plan.state,
      arrivals: { in: [{ nodeId: plan.node.id, port: "out", value: args }] },
      kind: "inner",
      records: inside.records,
      host: inside,
      onEnd: (record) => resolve(asAnswer(record)),
      onAbandon: reject,
    });
  });
}

function asAnswer(record: StepRecord): ToolAnswer {
  return record.status === "completed" ? { output: record.output } : { error: record.error };
}
