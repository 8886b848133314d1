import type { Expression, Node } from "acorn";
import { ExpressionFault, type Span } from "./fault.ts";

/** JavaScript that expressions do not have, and what to do instead. */
const REFUSED: Readonly<Record<string, readonly [message: string, hint?: string]>> = {
  AssignmentExpression: ["values can't be changed here.", "To compare two values, write ==."],
  UpdateExpression: ["values can't be changed here.", "Write value + 1."],
  NewExpression: ["`new` can't be used in expressions."],
  ThisExpression: ["`this` has no meaning here.", "Start with a node's name, input, variables or run."],
  Super: ["`super` has no meaning here."],
  MetaProperty: ["this has no meaning here."],
  ImportExpression: ["`import` can't be used in expressions.", "Use a code node."],
  FunctionExpression: ["functions are written with an arrow.", "For example item => item.name."],
  ClassExpression: ["classes can't be used in expressions.", "Use a code node."],
  AwaitExpression: ["`await` can't be used in expressions.", "Use a code node."],
  YieldExpression: ["`yield` can't be used in expressions."],
  TaggedTemplateExpression: ["a text in back quotes can't follow a value directly.", "Join them with +."],
  SequenceExpression: ["an expression gives one value, so a comma can't stand here.", "To make a list, write [a, b]."],
  PrivateIdentifier: ["names can't start with #."],
  ArrowFunctionExpression: [
    "a function can stand only as the argument of a list's method.",
    "For example input.items.map(item => item.name).",
  ],
};

/** The fault for a kind of syntax that expressions do not have. */
export function refusal(node: Node): ExpressionFault {
  const [message, hint] = REFUSED[node.type] ?? ["this can't be used in expressions."];
  return new ExpressionFault("expression_forbidden", message, { hint, span: spanOf(node) });
}

/** Methods of JavaScript's global objects, and what expressions have in their place. */
const GLOBAL_HINTS: Readonly<Record<string, string>> = {
  Math: "Use round(x), floor(x), ceil(x), abs(x), min(a, b) or max(a, b).",
  JSON: "Use json(value) or parseJson(text).",
  Object: "Use keys(object), values(object) or entries(object).",
  Number: "Use number(value).",
  String: "Use string(value).",
  Array: 'Use type(value) == "list", or list methods such as map and filter.',
  Date: "Use run.startedAt and isoDate(milliseconds).",
};

/** A hint for a call such as `Math.round(x)`. */
export function globalHint(callee: Expression): string | undefined {
  return callee.type === "Identifier" && Object.hasOwn(GLOBAL_HINTS, callee.name) ? GLOBAL_HINTS[callee.name] : undefined;
}

/** Offsets of a node. */
export function spanOf(node: Node): Span {
  return { start: node.start, end: node.end };
}
