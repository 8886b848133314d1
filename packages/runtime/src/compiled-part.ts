/** What expressions see: `input`, `variables`, `run`, nodes by id, and `args` in a tool. */
export type Scope = Record<string, unknown>;

/** A param, or a part of one. */
export interface CompiledPart {
  readonly isLiteral: boolean;
  readonly references: readonly string[];
  /** @throws HeddleError expression_failed; `details.field` is the whole path */
  evaluate(scope: Scope): unknown;
  /**
   * What it looks like to its definition before a run, with a {@link Blank} in each place that only a run knows and that may
   * hold anything; undefined where there are other places that only a run knows.
   */
  readonly sketch: unknown;
}

/** Stands for a value that a run gives. */
export class Blank {
  readonly evaluate: CompiledPart["evaluate"];

  constructor(evaluate: CompiledPart["evaluate"]) {
    this.evaluate = evaluate;
  }
}

export interface NamedPart {
  readonly name: string;
  readonly part: CompiledPart;
}
