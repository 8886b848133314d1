import type { ArrayExpression, CallExpression, Expression, ObjectExpression, SpreadElement, Super, TemplateLiteral } from "acorn";
import { type Builtin, type Callback } from "./builtin.ts";
import type { Compilation, Evaluate } from "./compilation.ts";
import { compileArrow } from "./compile-arrow.ts";
import { ExpressionFault, placeFault, type Span } from "./fault.ts";
import { functions } from "./functions.ts";
import { charge, chargeText, type Evaluation, MAX_EXPRESSION_DEPTH } from "./limits.ts";
import { callbackMethods, methodNames, methodsOf, readElement, readField } from "./member.ts";
import { binaryOperators, toNumber } from "./operators.ts";
import { globalHint, refusal, spanOf } from "./refusals.ts";
import { didYouMean } from "./suggest.ts";
import { setOwn } from "@heddle/schema";
import { describeKind, isObject, refuseForbiddenKey, toText } from "./values.ts";

/** Compiles a syntax tree. @throws ExpressionFault for syntax that expressions do not have */
export function compileExpression(node: Expression | Super, outer: Compilation): Evaluate {
  const compilation = { ...outer, depth: outer.depth + 1 };
  if (compilation.depth > MAX_EXPRESSION_DEPTH) {
    throw new ExpressionFault("expression_limit", "the expression is nested too deeply.", {
      hint: "Split it into several nodes.",
      span: spanOf(node),
    });
  }
  compilation.shared.nodes += 1;
  switch (node.type) {
    case "ParenthesizedExpression":
    case "ChainExpression":
      return compileExpression(node.expression, compilation);
    case "Literal":
      return constant(literalValue(node));
    case "Identifier":
      return compileName(node.name, compilation);
    case "MemberExpression":
      return compileMember(node, compilation);
    case "CallExpression":
      return compileCall(node, compilation);
    case "TemplateLiteral":
      return compileTemplateLiteral(node, compilation);
    case "ArrayExpression":
      return compileArray(node, compilation);
    case "ObjectExpression":
      return compileObject(node, compilation);
    case "ConditionalExpression": {
      const test = compileExpression(node.test, compilation);
      const yes = compileExpression(node.consequent, compilation);
      const no = compileExpression(node.alternate, compilation);
      return (evaluation) => (test(evaluation) ? yes(evaluation) : no(evaluation));
    }
    case "LogicalExpression": {
      const left = compileExpression(node.left, compilation);
      const right = compileExpression(node.right, compilation);
      if (node.operator === "&&") return (evaluation) => left(evaluation) && right(evaluation);
      if (node.operator === "||") return (evaluation) => left(evaluation) || right(evaluation);
      return (evaluation) => left(evaluation) ?? right(evaluation);
    }
    case "BinaryExpression": {
      const operator = binaryOperators.get(node.operator);
      if (operator === undefined || node.left.type === "PrivateIdentifier") throw unknownOperator(node.operator, spanOf(node));
      const left = compileExpression(node.left, compilation);
      const right = compileExpression(node.right, compilation);
      return placed(spanOf(node), (evaluation) => operator(evaluation, left(evaluation), right(evaluation)));
    }
    case "UnaryExpression": {
      const argument = compileExpression(node.argument, compilation);
      if (node.operator === "!") return (evaluation) => !argument(evaluation);
      if (node.operator === "-") return placed(spanOf(node), (evaluation) => -toNumber(argument(evaluation), "-"));
      if (node.operator === "+") return placed(spanOf(node), (evaluation) => toNumber(argument(evaluation), "+"));
      if (node.operator === "typeof") return (evaluation) => typeof argument(evaluation);
      throw unknownOperator(node.operator, spanOf(node));
    }
    default:
      throw refusal(node);
  }
}

/** Where a fault surfaces is where it is shown. Entering `try` costs nothing measurable. */
function placed(span: Span, evaluate: Evaluate): Evaluate {
  return (evaluation) => {
    try {
      return evaluate(evaluation);
    } catch (error) {
      throw placeFault(error, span);
    }
  };
}

function constant(value: unknown): Evaluate {
  return () => value;
}

/** The value of a literal. @throws ExpressionFault for regular expressions and big integers */
export function literalValue(node: Extract<Expression, { type: "Literal" }>): string | number | boolean | null {
  if (node.regex !== undefined && node.regex !== null) {
    throw new ExpressionFault("expression_forbidden", "regular expressions can't be used in expressions.", {
      hint: "Use includes, split or replaceAll, or an extract node.",
      span: spanOf(node),
    });
  }
  const { value } = node;
  if (typeof value === "string" || typeof value === "boolean" || value === null) return value;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw new ExpressionFault("expression_forbidden", "this number is too large.", { span: spanOf(node) });
}

function compileName(name: string, compilation: Compilation): Evaluate {
  const slot = compilation.locals.get(name);
  if (slot !== undefined) return (evaluation) => evaluation.locals[slot];
  if (name === "undefined") return constant(undefined);
  refuseForbiddenKey(name);
  compilation.references.add(name);
  return (evaluation) => (Object.hasOwn(evaluation.scope, name) ? evaluation.scope[name] : undefined);
}

function compileMember(node: Extract<Expression, { type: "MemberExpression" }>, compilation: Compilation): Evaluate {
  const object = compileExpression(node.object, compilation);
  const span = spanOf(node);
  if (node.property.type === "PrivateIdentifier") throw refusal(node.property);
  if (node.computed) {
    const key = compileExpression(node.property, compilation);
    return placed(span, (evaluation) => readElement(evaluation, object(evaluation), key(evaluation)));
  }
  if (node.property.type !== "Identifier") throw refusal(node.property);
  const { name } = node.property;
  try {
    refuseForbiddenKey(name);
  } catch (error) {
    throw placeFault(error, spanOf(node.property));
  }
  return placed(span, (evaluation) => readField(object(evaluation), name));
}

function compileCall(node: CallExpression, compilation: Compilation): Evaluate {
  const { callee } = node;
  const span = spanOf(node);
  compilation.shared.makesValues = true;
  if (callee.type === "Identifier") {
    const builtin = functions.get(callee.name);
    if (builtin === undefined) {
      throw new ExpressionFault(
        "unknown_function",
        `there is no function \`${callee.name}\`.${didYouMean(callee.name, functions.keys())}`,
        { span: spanOf(callee) },
      );
    }
    const args = compileArguments(node, builtin.name, compilation);
    return placed(span, (evaluation) => callBuiltin(builtin, undefined, args(evaluation), evaluation));
  }
  if (callee.type !== "MemberExpression" || callee.computed || callee.property.type !== "Identifier") {
    throw new ExpressionFault("expression_forbidden", "only functions and methods that are named can be called.", { span: spanOf(callee) });
  }
  const { name } = callee.property;
  const hint = callee.object.type === "Super" ? undefined : globalHint(callee.object);
  if (hint !== undefined)
    throw new ExpressionFault("unknown_function", "JavaScript's global objects are not available.", { hint, span: spanOf(callee) });
  if (!methodNames.has(name)) {
    throw new ExpressionFault("unknown_method", `there is no method \`${name}\`.${didYouMean(name, methodNames)}`, {
      span: spanOf(callee.property),
    });
  }
  const object = compileExpression(callee.object, compilation);
  const args = compileArguments(node, name, compilation);
  return placed(span, (evaluation) => {
    const receiver = object(evaluation);
    if (receiver === null || receiver === undefined) return undefined;
    const method = methodsOf(receiver)?.get(name);
    if (method === undefined) {
      const advice = isObject(receiver) ? "Objects have no methods: use keys(), values() or entries()." : undefined;
      throw new ExpressionFault("unknown_method", `${describeKind(receiver)} has no method \`${name}\`.`, { hint: advice });
    }
    return callBuiltin(method, receiver, args(evaluation), evaluation);
  });
}

function callBuiltin(builtin: Builtin, receiver: unknown, args: readonly unknown[], evaluation: Evaluation): unknown {
  if (args.length < builtin.minArgs || args.length > builtin.maxArgs) {
    const count = builtin.minArgs === builtin.maxArgs ? `${builtin.minArgs}` : `${builtin.minArgs} to ${builtin.maxArgs}`;
    throw new ExpressionFault("type_mismatch", `\`${builtin.name}\` takes ${count} arguments, but here are ${args.length}.`, {
      hint: `Write ${builtin.name}(${builtin.parameters}).`,
    });
  }
  charge(evaluation, 1);
  return builtin.run(receiver as never, args, evaluation);
}

function compileArguments(node: CallExpression, name: string, compilation: Compilation): (evaluation: Evaluation) => readonly unknown[] {
  const [first] = node.arguments;
  const takesFunction = callbackMethods.has(name);
  if (takesFunction && first !== undefined && first.type !== "ArrowFunctionExpression") {
    throw new ExpressionFault("type_mismatch", `\`${name}\` takes a function.`, { hint: `Write ${name}(item => …).`, span: spanOf(first) });
  }
  const spread = node.arguments.find((argument): argument is SpreadElement => argument.type === "SpreadElement");
  if (spread !== undefined) {
    throw new ExpressionFault("expression_forbidden", "arguments can't be spread.", {
      hint: "Pass the list itself: max(list).",
      span: spanOf(spread),
    });
  }
  const compiled = (node.arguments as Expression[]).map((argument, index): ((evaluation: Evaluation) => unknown) => {
    if (!takesFunction || index > 0 || argument.type !== "ArrowFunctionExpression") return compileExpression(argument, compilation);
    const arrow = compileArrow(argument, compilation, compileExpression);
    return (evaluation): Callback =>
      (one, two, three) =>
        arrow(evaluation, one, two, three);
  });
  if (compiled.length === 0) return () => [];
  if (compiled.length === 1) return (evaluation) => [compiled[0]!(evaluation)];
  return (evaluation) => compiled.map((argument) => argument(evaluation));
}

function compileTemplateLiteral(node: TemplateLiteral, compilation: Compilation): Evaluate {
  const texts = node.quasis.map((quasi) => quasi.value.cooked ?? "");
  const parts = node.expressions.map((part) => compileExpression(part, compilation));
  return placed(spanOf(node), (evaluation) => {
    let text = texts[0]!;
    for (const [index, part] of parts.entries()) {
      text += toText(evaluation, part(evaluation)) + texts[index + 1]!;
      chargeText(evaluation, text.length);
    }
    return text;
  });
}

function compileArray(node: ArrayExpression, compilation: Compilation): Evaluate {
  compilation.shared.makesValues = true;
  const parts = node.elements.map((element) => {
    if (element === null) return { isSpread: false, evaluate: constant(null) };
    const isSpread = element.type === "SpreadElement";
    return { isSpread, evaluate: compileExpression(isSpread ? element.argument : element, compilation) };
  });
  return placed(spanOf(node), (evaluation) => {
    const list: unknown[] = [];
    for (const { isSpread, evaluate } of parts) {
      const value = evaluate(evaluation);
      if (!isSpread) list.push(value ?? null);
      else if (Array.isArray(value)) {
        charge(evaluation, value.length);
        for (const item of value) list.push(item);
      } else if (value !== null && value !== undefined) {
        throw new ExpressionFault("type_mismatch", `only a list can be spread in [ ], and this is ${describeKind(value)}.`);
      }
    }
    return list;
  });
}

function compileObject(node: ObjectExpression, compilation: Compilation): Evaluate {
  compilation.shared.makesValues = true;
  const parts = node.properties.map((property): { key?: string | Evaluate; evaluate: Evaluate } => {
    if (property.type === "SpreadElement") return { evaluate: compileExpression(property.argument, compilation) };
    if (property.kind !== "init" || property.method) throw refusal(property.value);
    const evaluate = compileExpression(property.value, compilation);
    if (property.computed) return { key: compileExpression(property.key as Expression, compilation), evaluate };
    const name = property.key.type === "Identifier" ? property.key.name : String(literalValue(property.key as never));
    try {
      refuseForbiddenKey(name);
    } catch (error) {
      throw placeFault(error, spanOf(property.key));
    }
    return { key: name, evaluate };
  });
  return placed(spanOf(node), (evaluation) => {
    const object: Record<string, unknown> = {};
    for (const { key, evaluate } of parts) {
      if (key === undefined) spreadInto(object, evaluate(evaluation), evaluation);
      else {
        const name = typeof key === "string" ? key : computedKey(key(evaluation));
        const value = evaluate(evaluation);
        if (value !== undefined) object[name] = value;
      }
    }
    return object;
  });
}

function computedKey(key: unknown): string {
  if (typeof key !== "string" && typeof key !== "number") {
    throw new ExpressionFault("type_mismatch", `a field's name must be a text, but this is ${describeKind(key)}.`);
  }
  const name = String(key);
  refuseForbiddenKey(name);
  return name;
}

function spreadInto(target: Record<string, unknown>, source: unknown, evaluation: Evaluation): void {
  if (source === null || source === undefined) return;
  if (!isObject(source)) {
    throw new ExpressionFault("type_mismatch", `only an object can be spread in { }, and this is ${describeKind(source)}.`);
  }
  const keys = Object.keys(source);
  charge(evaluation, keys.length);
  for (const key of keys) setOwn(target, key, source[key]);
}

function unknownOperator(operator: string, span: Span): ExpressionFault {
  const instead = { "&": "&&", "|": "||", "~": "!", "<>": "!=" }[operator];
  return new ExpressionFault("expression_forbidden", `\`${operator}\` can't be used in expressions.`, {
    hint: instead === undefined ? undefined : `Write ${instead} instead.`,
    span,
  });
}
