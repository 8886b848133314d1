import type { Evaluation } from "./limits.ts";

/** A compiled expression: a tree of closures. It may be evaluated any number of times, also at once. */
export type Evaluate = (evaluation: Evaluation) => unknown;

/** What is collected while one expression is compiled. */
export interface Compilation {
  /** Roots that are read from the scope. */
  readonly references: Set<string>;
  /** Arrow parameters that are visible here, with their slots. */
  readonly locals: ReadonlyMap<string, number>;
  /** Shared by all nested compilations of one expression. */
  readonly shared: {
    slots: number;
    /** Nodes compiled so far: what an arrow function's body adds is the work of one call. */
    nodes: number;
    /** True once something makes new values, whose size must be checked. */
    makesValues: boolean;
  };
  readonly depth: number;
}

/** Starts the compilation of one expression. */
export function newCompilation(): Compilation {
  return { references: new Set(), locals: new Map(), shared: { slots: 0, nodes: 0, makesValues: false }, depth: 0 };
}
