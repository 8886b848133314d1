import { HeddleError, type Json } from "@heddle/schema";
import type { Scope } from "./compiled-part.ts";
import type { CompiledLevel, CompiledNode } from "./compiled-agent.ts";
import { scopeFor, type StepPlan } from "./step-plan.ts";

/** What a container, or a node that runs per item, is to do, read from its params. */
export interface Rounds {
  readonly body: CompiledLevel;
  /** Rounds at a time. */
  readonly concurrency: number;
  /** Whether the others go on when one fails. */
  readonly goesOn: boolean;
  readonly collects: boolean;
  /** Rounds that the container itself allows. */
  readonly most: number;
  /** Undefined where it shows only as the rounds are made. */
  readonly total: number | undefined;
  itemAt(index: number): Json;
  /** Whether there is another round after `index` rounds. */
  hasNext(index: number, previous: Json): boolean;
}

const DEFAULT_MAX_ROUNDS = 1_000;
const DEFAULT_CONCURRENCY = 5;

/** @throws HeddleError expression_failed, param_invalid, iteration_limit */
export function readRounds(plan: StepPlan): Rounds {
  const { task } = plan.node;
  if (task.kind === "each") {
    const { each, items, body } = task;
    return {
      ...ofList(items.resolve(scopeFor(plan))),
      body,
      concurrency: each.concurrency,
      goesOn: each.onItemError === "continue",
      collects: true,
      most: Number.POSITIVE_INFINITY,
    };
  }
  if (task.kind !== "rounds") throw new TypeError(`${plan.node.id} does not go round`);
  return task.of === "map" ? readMap(plan, task.body) : readLoop(plan, task.body);
}

function readMap(plan: StepPlan, body: CompiledLevel): Rounds {
  const params = plan.node.params.resolve(scopeFor(plan));
  return {
    ...ofList(listIn(params)),
    ...policiesIn(params),
    body,
    concurrency: typeof params.concurrency === "number" ? Math.max(1, Math.floor(params.concurrency)) : DEFAULT_CONCURRENCY,
    most: Number.POSITIVE_INFINITY,
  };
}

function readLoop(plan: StepPlan, body: CompiledLevel): Rounds {
  const { node } = plan;
  if (node.node.params.mode === "while") return readWhile(plan, body);
  const params = node.params.resolve(scopeFor(plan));
  const rounds = params.mode === "count" ? ofCount(params.count) : ofList(listIn(params));
  const most = mostIn(params);
  if (rounds.total > most) throw tooManyRounds(node, most);
  return { ...rounds, ...policiesIn(params), body, concurrency: 1, most };
}

function readWhile(plan: StepPlan, body: CompiledLevel): Rounds {
  const { node } = plan;
  // Made once and filled in anew for each round.
  const scope = narrowScope(plan.scope, node.params.references);
  const paramsAt = (index: number, previous: Json): Record<string, unknown> => {
    scope.item = null;
    scope.index = index;
    scope[node.id] = { item: null, index, previous };
    if (node.readsState) scope.state = plan.frame.activation.state.mark().values;
    return node.params.resolve(scope);
  };
  const first = paramsAt(0, null);
  return {
    ...policiesIn(first),
    body,
    concurrency: 1,
    most: mostIn(first),
    total: undefined,
    itemAt: () => null,
    hasNext: (index, previous) => holds((index === 0 ? first : paramsAt(index, previous)).condition),
  };
}

/** The error of a loop that would go round more often than it may itself. */
export function tooManyRounds(node: CompiledNode, most: number): HeddleError {
  return new HeddleError("iteration_limit", `"${node.name}" may go round ${most} times and needed more.`, {
    details: { maxIterations: most },
    hint: "Raise its limit on rounds, or let it do less.",
  });
}

/** A scope with only some names of another, for the many rounds that would otherwise copy all of it. */
export function narrowScope(scope: Scope, names: readonly string[]): Scope {
  const narrow = Object.create(null) as Scope;
  narrow.input = scope.input;
  narrow.variables = scope.variables;
  narrow.run = scope.run;
  for (const name of names) if (Object.hasOwn(scope, name)) narrow[name] = scope[name];
  return narrow;
}

function ofList(list: readonly unknown[]): { total: number; itemAt: Rounds["itemAt"]; hasNext: Rounds["hasNext"] } {
  return { total: list.length, itemAt: (index) => (list[index] ?? null) as Json, hasNext: (index) => index < list.length };
}

function ofCount(count: unknown): { total: number; itemAt: Rounds["itemAt"]; hasNext: Rounds["hasNext"] } {
  const total = typeof count === "number" && count >= 0 ? Math.floor(count) : undefined;
  if (total === undefined) throw notFitting("count", "The number of rounds is not a number of 0 or more.");
  return { total, itemAt: () => null, hasNext: (index) => index < total };
}

function listIn({ items }: Record<string, unknown>): readonly unknown[] {
  if (Array.isArray(items)) return items;
  throw notFitting("items", "What there should be a round for each item of is not a list.");
}

function policiesIn(params: Record<string, unknown>): { goesOn: boolean; collects: boolean } {
  return { goesOn: params.onItemError === "continue", collects: params.collect !== false };
}

function mostIn({ maxIterations }: Record<string, unknown>): number {
  return typeof maxIterations === "number" ? maxIterations : DEFAULT_MAX_ROUNDS;
}

function notFitting(name: string, message: string): HeddleError {
  return new HeddleError("param_invalid", message, { details: { field: `params.${name}` } });
}

/** Whether a condition's value counts as yes; "false" in text is no, because that is what people mean by it. */
function holds(value: unknown): boolean {
  if (typeof value === "string") return value.trim() !== "" && value.trim().toLowerCase() !== "false";
  return Array.isArray(value) ? value.length > 0 : Boolean(value);
}
