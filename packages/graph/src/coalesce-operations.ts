import type { NodePatch, Operation } from "./operations.ts";

/** One entry of the undo list. `at` is ms since the epoch. */
export interface Edit {
  operations: Operation[];
  at: number;
}

/** Edits further apart than this, in ms, are undone one by one. */
const PAUSE_MS = 1_000;

/**
 * Joins a new edit with the one before it where people would undo both at once: dragging the same nodes, typing in the
 * same field. Undefined where they are two.
 */
export function coalesceEdits(previous: Edit, next: Edit): Edit | undefined {
  const [first, ...others] = previous.operations;
  const [second, ...further] = next.operations;
  if (first === undefined || second === undefined || others.length > 0 || further.length > 0 || next.at - previous.at > PAUSE_MS)
    return undefined;
  const joined = join(first, second);
  return joined === undefined ? undefined : { operations: [joined], at: next.at };
}

function join(first: Operation, second: Operation): Operation | undefined {
  if (first.type === "node.move" && second.type === "node.move") return joinMoves(first, second);
  if (first.type === "node.update" && second.type === "node.update" && first.id === second.id) {
    const field = onlyChange(first);
    if (field === undefined || field !== onlyChange(second)) return undefined;
    return { ...first, after: second.after };
  }
  if (
    first.type === "notes.set" &&
    second.type === "notes.set" &&
    sameIds(first.after, second.after) &&
    sameIds(first.before, second.after)
  ) {
    return { ...first, after: second.after };
  }
  return undefined;
}

type Move = Extract<Operation, { type: "node.move" }>;

function joinMoves(first: Move, second: Move): Operation | undefined {
  const ends = new Map(second.moves.map(({ id, after }) => [id, after]));
  if (ends.size !== first.moves.length || !first.moves.every(({ id }) => ends.has(id))) return undefined;
  return { type: "node.move", moves: first.moves.map(({ id, before }) => ({ id, before, after: ends.get(id)! })) };
}

/** The one thing that an update changes: a field, or one param. Undefined for a rename and for several at once. */
function onlyChange({ before, after }: Extract<Operation, { type: "node.update" }>): string | undefined {
  const [field, ...others] = Object.keys(after) as (keyof NodePatch)[];
  if (field === undefined || others.length > 0 || field === "id" || field === "unset") return undefined;
  if (field !== "params") return field;
  const old = before.params ?? {};
  const now = after.params ?? {};
  const changed = [...new Set([...Object.keys(old), ...Object.keys(now)])].filter(
    (name) => JSON.stringify(old[name]) !== JSON.stringify(now[name]),
  );
  return changed.length === 1 ? `params.${changed[0]}` : undefined;
}

function sameIds(left: { id: string }[], right: { id: string }[]): boolean {
  return left.length === right.length && left.every(({ id }, index) => id === right[index]?.id);
}
