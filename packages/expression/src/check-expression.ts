import type { ArrowFunctionExpression, CallExpression, Expression, Pattern, Super } from "acorn";
import type { JsonSchema } from "@heddle/schema";
import { ANYTHING, BOOLEAN, type Builtin, NUMBER, TEXT } from "./builtin.ts";
import { type Checker, listNames, type Locals, report } from "./checker.ts";
import { checkEquality, checkOperands, typeOfSum } from "./check-operators.ts";
import { lookUpMember, lookUpMethod } from "./check-member.ts";
import { functions } from "./functions.ts";
import { itemsOf } from "./list-methods.ts";
import { globalHint, spanOf } from "./refusals.ts";
import { fieldOf, isOnly, unionOf, variantsOf } from "./schema-types.ts";
import { didYouMean } from "./suggest.ts";

/** The type of an expression. Reports what is wrong in it; syntax that compilation refuses is left to compilation. */
export function inferType(checker: Checker, node: Expression | Super, locals: Locals): JsonSchema {
  switch (node.type) {
    case "ParenthesizedExpression":
    case "ChainExpression":
      return inferType(checker, node.expression, locals);
    case "Literal":
      return literalType(node.value);
    case "Identifier":
      return nameType(checker, node, locals);
    case "MemberExpression":
      return memberType(checker, node, locals);
    case "CallExpression":
      return callType(checker, node, locals);
    case "TemplateLiteral":
      for (const part of node.expressions) inferType(checker, part, locals);
      return TEXT;
    case "ArrayExpression":
      return listType(checker, node, locals);
    case "ObjectExpression":
      return objectType(checker, node, locals);
    case "ConditionalExpression":
      inferType(checker, node.test, locals);
      return unionOf(inferType(checker, node.consequent, locals), inferType(checker, node.alternate, locals));
    case "LogicalExpression": {
      const left = inferType(checker, node.left, locals);
      const right = inferType(checker, node.right, locals);
      if (node.operator === "&&") return unionOf(left, right);
      return unionOf(...variantsOf(left).filter((variant) => variant.type !== "null"), right);
    }
    case "BinaryExpression":
      return node.left.type === "PrivateIdentifier" ? ANYTHING : binaryType(checker, node, locals);
    case "UnaryExpression": {
      const argument = inferType(checker, node.argument, locals);
      if (node.operator === "!") return BOOLEAN;
      if (node.operator === "typeof") return TEXT;
      checkOperands(checker, node.operator, [[node.argument, argument]]);
      return NUMBER;
    }
    default:
      return ANYTHING;
  }
}

function literalType(value: unknown): JsonSchema {
  if (value === null) return { type: "null" };
  if (typeof value === "string") return { type: "string", const: value };
  if (typeof value === "boolean") return { type: "boolean", const: value };
  if (typeof value === "number") return { type: Number.isInteger(value) ? "integer" : "number", const: value };
  return ANYTHING;
}

function nameType(checker: Checker, node: Extract<Expression, { type: "Identifier" }>, locals: Locals): JsonSchema {
  const { name } = node;
  checker.visit?.(node, ANYTHING, locals);
  const local = locals.get(name);
  if (local !== undefined) return local;
  if (name === "undefined") return { type: "null" };
  const found = fieldOf(checker.scope, name);
  if (found.status === "known") return found.schema;
  const suggestion = didYouMean(name, [...found.names, ...locals.keys()]);
  const advice = suggestion === "" ? ` You can use ${listNames([...locals.keys(), ...found.names])}.` : suggestion;
  report(checker, "unknown_reference", spanOf(node), `There is no \`${name}\` here.${advice}`, name);
  return ANYTHING;
}

function memberType(checker: Checker, node: Extract<Expression, { type: "MemberExpression" }>, locals: Locals): JsonSchema {
  const object = inferType(checker, node.object, locals);
  checker.visit?.(node, object, locals);
  if (!node.computed) {
    if (node.property.type !== "Identifier") return ANYTHING;
    return lookUpMember(checker, object, { key: node.property.name, node, property: node.property });
  }
  if (node.property.type === "PrivateIdentifier") return ANYTHING;
  const key = inferType(checker, node.property, locals);
  if (typeof key.const === "string") return lookUpMember(checker, object, { key: key.const, node, property: node.property });
  if (isOnly(object, "array", "null"))
    return unionOf(...variantsOf(object).map((variant) => (variant.type === "array" ? itemsOf(variant) : ANYTHING)));
  return isOnly(object, "string") ? TEXT : ANYTHING;
}

function callType(checker: Checker, node: CallExpression, locals: Locals): JsonSchema {
  const { callee } = node;
  if (callee.type === "Identifier") {
    const builtin = functions.get(callee.name);
    const args = node.arguments.map((argument) => argumentType(checker, argument, locals));
    if (builtin !== undefined) return resultType(checker, builtin, node, { receiver: args[0] ?? ANYTHING, args, callback: ANYTHING });
    report(
      checker,
      "unknown_function",
      spanOf(callee),
      `There is no function \`${callee.name}\`.${didYouMean(callee.name, functions.keys())}`,
    );
    return ANYTHING;
  }
  if (callee.type !== "MemberExpression" || callee.computed || callee.property.type !== "Identifier") return ANYTHING;
  if (callee.object.type !== "Super" && globalHint(callee.object) !== undefined) return ANYTHING;
  const receiver = inferType(checker, callee.object, locals);
  checker.visit?.(callee, receiver, locals);
  const methods = lookUpMethod(checker, receiver, callee.property.name, spanOf(callee.property));
  const callbackName = methods.find(({ method }) => method.callback !== undefined)?.method.name;
  let callback = ANYTHING;
  const args = node.arguments.map((argument, index) => {
    if (argument.type !== "ArrowFunctionExpression") return argumentType(checker, argument, locals);
    const items = unionOf(...variantsOf(receiver).map((variant) => (variant.type === "array" ? itemsOf(variant) : ANYTHING)));
    const type = arrowType(
      checker,
      argument,
      callbackName === "reduce"
        ? [ANYTHING, items]
        : callbackName?.endsWith("ort")
          ? [items, items]
          : [items, { type: "integer" }, receiver],
      locals,
    );
    if (index === 0) callback = type;
    return ANYTHING;
  });
  return unionOf(...methods.map(({ method, variant }) => resultType(checker, method, node, { receiver: variant, args, callback })));
}

function resultType(
  checker: Checker,
  builtin: Builtin,
  node: CallExpression,
  types: { receiver: JsonSchema; args: JsonSchema[]; callback: JsonSchema },
): JsonSchema {
  const count = node.arguments.length;
  if (count < builtin.minArgs || count > builtin.maxArgs) {
    report(
      checker,
      "type_mismatch",
      spanOf(node),
      `\`${builtin.name}\` does not take ${count} arguments. Write ${builtin.name}(${builtin.parameters}).`,
    );
  }
  return typeof builtin.returns === "function" ? builtin.returns(types) : builtin.returns;
}

function argumentType(checker: Checker, argument: CallExpression["arguments"][number], locals: Locals): JsonSchema {
  return inferType(checker, argument.type === "SpreadElement" ? argument.argument : argument, locals);
}

function arrowType(checker: Checker, arrow: ArrowFunctionExpression, parameters: JsonSchema[], outer: Locals): JsonSchema {
  const locals = new Map(outer);
  for (const [index, pattern] of arrow.params.entries()) bindPattern(pattern, parameters[index] ?? ANYTHING, locals);
  return arrow.body.type === "BlockStatement" ? ANYTHING : inferType(checker, arrow.body, locals);
}

function bindPattern(pattern: Pattern, type: JsonSchema, locals: Map<string, JsonSchema>): void {
  if (pattern.type === "Identifier") {
    locals.set(pattern.name, type);
  } else if (pattern.type === "AssignmentPattern") {
    bindPattern(pattern.left, ANYTHING, locals);
  } else if (pattern.type === "ArrayPattern") {
    for (const element of pattern.elements) {
      if (element !== null) bindPattern(element, itemsOf(type), locals);
    }
  } else if (pattern.type === "ObjectPattern") {
    for (const property of pattern.properties) {
      if (property.type === "RestElement" || property.key.type !== "Identifier") continue;
      const found = fieldOf(type, property.key.name);
      bindPattern(property.value, found.status === "known" ? found.schema : ANYTHING, locals);
    }
  }
}

function binaryType(checker: Checker, node: Extract<Expression, { type: "BinaryExpression" }>, locals: Locals): JsonSchema {
  const left = node.left as Expression;
  const leftType = inferType(checker, left, locals);
  const rightType = inferType(checker, node.right, locals);
  const operands: [Expression, JsonSchema][] = [
    [left, leftType],
    [node.right, rightType],
  ];
  switch (node.operator) {
    case "==":
    case "===":
    case "!=":
    case "!==":
      checkEquality(checker, node, leftType, rightType);
      return BOOLEAN;
    case "in":
      return BOOLEAN;
    case "<":
    case "<=":
    case ">":
    case ">=":
      checkOperands(checker, node.operator, operands);
      return BOOLEAN;
    case "+":
      if (!isOnly(leftType, "string") && !isOnly(rightType, "string")) checkOperands(checker, "+", operands);
      return typeOfSum(leftType, rightType);
    default:
      checkOperands(checker, node.operator, operands);
      return NUMBER;
  }
}

function listType(checker: Checker, node: Extract<Expression, { type: "ArrayExpression" }>, locals: Locals): JsonSchema {
  const items = node.elements.map((element) => {
    if (element === null) return { type: "null" } satisfies JsonSchema;
    if (element.type !== "SpreadElement") return inferType(checker, element, locals);
    return itemsOf(inferType(checker, element.argument, locals));
  });
  return items.length === 0 ? { type: "array" } : { type: "array", items: unionOf(...items) };
}

function objectType(checker: Checker, node: Extract<Expression, { type: "ObjectExpression" }>, locals: Locals): JsonSchema {
  const properties: Record<string, JsonSchema> = Object.create(null);
  let isOpen = false;
  for (const property of node.properties) {
    if (property.type === "SpreadElement") {
      const spread = inferType(checker, property.argument, locals);
      if (spread.type === "object" && spread.additionalProperties === false) Object.assign(properties, spread.properties);
      else isOpen = true;
      continue;
    }
    const type = inferType(checker, property.value, locals);
    if (property.computed) {
      inferType(checker, property.key as Expression, locals);
      isOpen = true;
    } else if (property.key.type === "Identifier") properties[property.key.name] = type;
    else if (property.key.type === "Literal") properties[String(property.key.value)] = type;
  }
  if (isOpen) return { type: "object", properties: { ...properties }, additionalProperties: true };
  return { type: "object", properties: { ...properties }, required: Object.keys(properties), additionalProperties: false };
}
