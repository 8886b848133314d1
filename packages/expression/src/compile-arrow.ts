import type { ArrowFunctionExpression, Expression, Pattern } from "acorn";
import type { Compilation, Evaluate } from "./compilation.ts";
import { ExpressionFault } from "./fault.ts";
import { charge, type Evaluation } from "./limits.ts";
import { readElement, readField } from "./member.ts";
import { refusal, spanOf } from "./refusals.ts";
import { refuseForbiddenKey } from "./values.ts";

/** A compiled arrow function. */
export type Arrow = (evaluation: Evaluation, first: unknown, second: unknown, third: unknown) => unknown;
/** Puts an argument, or parts of it, into slots. */
type Bind = (evaluation: Evaluation, value: unknown) => void;
type Compile = (node: Expression, compilation: Compilation) => Evaluate;

/**
 * Compiles the arrow function of a list method. Each call is charged the size of its body, so that straight-line code
 * needs no counting of its own.
 */
export function compileArrow(node: ArrowFunctionExpression, outer: Compilation, compile: Compile): Arrow {
  if (node.async || node.generator || node.body.type === "BlockStatement") {
    throw new ExpressionFault("expression_forbidden", "a function can hold one expression only.", {
      hint: "Write item => item.name, without braces, or use a code node.",
      span: spanOf(node),
    });
  }
  const locals = new Map(outer.locals);
  const compilation: Compilation = { ...outer, locals };
  const [first, second, third] = node.params.map((parameter) => compilePattern(parameter, compilation, locals, compile));
  const before = compilation.shared.nodes;
  const body = compile(node.body, compilation);
  const cost = 1 + compilation.shared.nodes - before;
  return (evaluation, one, two, three) => {
    charge(evaluation, cost);
    first?.(evaluation, one);
    second?.(evaluation, two);
    third?.(evaluation, three);
    return body(evaluation);
  };
}

function compilePattern(pattern: Pattern, compilation: Compilation, locals: Map<string, number>, compile: Compile): Bind {
  compilation.shared.nodes += 1;
  switch (pattern.type) {
    case "Identifier": {
      refuseForbiddenKey(pattern.name);
      const slot = compilation.shared.slots;
      compilation.shared.slots += 1;
      locals.set(pattern.name, slot);
      return (evaluation, value) => {
        evaluation.locals[slot] = value;
      };
    }
    case "AssignmentPattern": {
      const fallback = compile(pattern.right, compilation);
      const bind = compilePattern(pattern.left, compilation, locals, compile);
      return (evaluation, value) => bind(evaluation, value === undefined ? fallback(evaluation) : value);
    }
    case "ArrayPattern": {
      const parts = pattern.elements.map((element) =>
        element === null ? undefined : compilePattern(element, compilation, locals, compile),
      );
      return (evaluation, value) => {
        for (const [index, bind] of parts.entries()) bind?.(evaluation, readElement(evaluation, value, index));
      };
    }
    case "ObjectPattern": {
      const parts = pattern.properties.map((property) => {
        if (property.type === "RestElement" || property.computed || property.key.type !== "Identifier") throw refusal(property);
        refuseForbiddenKey(property.key.name);
        return { key: property.key.name, bind: compilePattern(property.value, compilation, locals, compile) };
      });
      return (evaluation, value) => {
        for (const { key, bind } of parts) bind(evaluation, readField(value, key));
      };
    }
    default:
      throw refusal(pattern);
  }
}
