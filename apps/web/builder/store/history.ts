import { applyOperations, coalesceEdits, type Edit, invertOperations, type Operation } from "@heddle/graph";
import type { AgentDocument } from "@heddle/schema";

/** One step of undo. `merge` names what is being edited: steps of the same name in quick succession become one. */
interface Step extends Edit {
  merge?: string | undefined;
}

/** What can be undone and done again, latest last. */
export interface History {
  past: readonly Step[];
  future: readonly Step[];
}

export const emptyHistory: History = { past: [], future: [] };
const MAX_STEPS = 300;
const PAUSE_MS = 1_000;

interface Outcome {
  document: AgentDocument;
  history: History;
}

/** Does operations and remembers them. Typing a word or dragging a node is one step. `at` is ms since the epoch. */
export function recorded(
  history: History,
  document: AgentDocument,
  { operations, at, merge }: { operations: readonly Operation[]; at: number; merge?: string | undefined },
): Outcome {
  const applied = applyOperations(document, operations);
  const step: Step = { operations: applied.operations, at, merge };
  const last = history.future.length === 0 ? history.past.at(-1) : undefined;
  const joined = last === undefined ? undefined : join(last, step);
  return {
    document: applied.document,
    history: {
      past: (joined === undefined ? [...history.past, step] : [...history.past.slice(0, -1), joined]).slice(-MAX_STEPS),
      future: [],
    },
  };
}

/** Takes the last step back; undefined where there is none. */
export function undone(history: History, document: AgentDocument): Outcome | undefined {
  const step = history.past.at(-1);
  if (step === undefined) return undefined;
  const applied = applyOperations(document, invertOperations(step.operations));
  return { document: applied.document, history: { past: history.past.slice(0, -1), future: [...history.future, step] } };
}

/** Does the step again that was undone last. */
export function redone(history: History, document: AgentDocument): Outcome | undefined {
  const step = history.future.at(-1);
  if (step === undefined) return undefined;
  const applied = applyOperations(document, step.operations);
  // A step that was done again takes nothing more in.
  return {
    document: applied.document,
    history: { past: [...history.past, { operations: applied.operations, at: 0 }], future: history.future.slice(0, -1) },
  };
}

function join(last: Step, next: Step): Step | undefined {
  const coalesced = coalesceEdits(last, next);
  if (coalesced !== undefined) return { ...coalesced, merge: next.merge };
  const isSame = next.merge !== undefined && last.merge === next.merge && next.at - last.at <= PAUSE_MS;
  return isSame ? { operations: [...last.operations, ...next.operations], at: next.at, merge: next.merge } : undefined;
}
