import { compileValue } from "@heddle/expression";
import { HeddleError, type EachItem } from "@heddle/schema";
import type { Scope } from "./compiled-part.ts";

/** The list that a node runs once for each item of. */
export interface CompiledItems {
  /** @throws HeddleError expression_failed, param_invalid; `details.field` is `each.items` */
  resolve(scope: Scope): readonly unknown[];
  /** Names that the template reads. */
  readonly references: readonly string[];
}

/** Compiles the list of a node that runs per item. @throws HeddleError expression_failed */
export function compileEach({ items }: EachItem): CompiledItems {
  const details = { field: "each.items" };
  const place = <T>(work: () => T): T => {
    try {
      return work();
    } catch (cause) {
      if (!(cause instanceof HeddleError)) throw cause;
      throw new HeddleError(cause.code, cause.message, { ...(cause.hint === undefined ? {} : { hint: cause.hint }), details, cause });
    }
  };
  const template = place(() => compileValue(items));
  return {
    references: template.references,
    resolve: (scope) => {
      const list = place(() => template.evaluate(scope));
      if (Array.isArray(list)) return list;
      throw new HeddleError("param_invalid", "What the node should run for each item of is not a list.", { details });
    },
  };
}
