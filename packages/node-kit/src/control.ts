import type { Json } from "@heddle/schema";
import type { NodeDefinition } from "./definition.ts";

/**
 * What the runtime carries out itself instead of (or, for `merge`, before) calling a handler. It knows such nodes by this
 * word and not by their type, and reads their evaluated params by the types below.
 *
 * - `loop`, `map`: containers, see {@link LoopParams} and {@link MapParams}. Leave by `out` with a {@link ContainerOutput}.
 * - `goto`: goes back to an earlier node, see {@link GotoParams}.
 * - `sub-agent`: runs another agent inside this run, see {@link SubAgentParams}. Its output is that agent's output.
 * - `merge`: waits for branches as {@link MergeParams} say; then its handler makes the output of what arrived.
 */
export type NodeControl = "loop" | "map" | "goto" | "sub-agent" | "merge";

/**
 * Whether other nodes live inside nodes of this type (`node.parent`). They start with those that no flow edge reaches,
 * and a round's result is what its last leaf, or its last output node, gave. In their scope are `item`, `index`,
 * `<containerId>.item`, `<containerId>.index` and, in loops, `<containerId>.previous`: the result of the round before.
 */
export function isContainer(definition: Pick<NodeDefinition, "control">): boolean {
  return definition.control === "loop" || definition.control === "map";
}

/** Goes round one after another. */
export interface LoopParams {
  /** Literal. `while` looks at `condition` before each round, `count` goes round `count` times with null as `item`. */
  mode: "forEach" | "while" | "count";
  items?: unknown;
  /** Evaluated before each round; sees `index`, `state` and `<loopId>.previous`. Truthy means another round. */
  condition?: unknown;
  count?: unknown;
  /** More rounds than this fail the loop with iteration_limit. Default 1,000. */
  maxIterations?: number;
  onItemError?: "fail" | "continue";
  /** Whether the rounds' results are kept. Without, `output.items` is empty and memory does not grow. Default true. */
  collect?: boolean;
}

/** Goes round for several items at the same time; results are in the order of the items. */
export interface MapParams {
  items: unknown;
  /** Rounds at a time, 1…100. Default 5. */
  concurrency?: number;
  onItemError?: "fail" | "continue";
  /** As for loops. */
  collect?: boolean;
}

/** `<containerId>.output` after a loop or map. */
export interface ContainerOutput {
  /** The rounds' results; `{error}` where one failed and the others went on. Empty when they are not collected. */
  items: Json[];
  /** Rounds that were made. */
  count: number;
  /** How many of them failed. */
  failed: number;
}

/**
 * Hands what arrived to an earlier node of the same level; that node and all that it leads to start anew. Once it has
 * jumped `maxJumps` times it leaves by the port {@link EXHAUSTED_PORT}; without an edge there it fails with jump_limit.
 */
export interface GotoParams {
  /** Literal: id of a node that leads to this one. */
  target: string;
  /** Default 10, at most 1,000. Literal. */
  maxJumps?: number;
}

/** The one port by which a go-to is left. */
export const EXHAUSTED_PORT = "exhausted";

export interface SubAgentParams {
  agentId: string;
  /** Becomes the other agent's input. */
  input?: unknown;
}

/** All literal: how many branches are waited for is settled before the run. */
export interface MergeParams {
  /**
   * `any` goes on at the first arrival, `first` likewise and gives up the other branches, `firstN` after `n` arrivals (or
   * all that come) and gives up the others. `byKey` waits as `all` does.
   */
  mode?: "all" | "any" | "first" | "firstN" | "byKey";
  n?: number;
}
