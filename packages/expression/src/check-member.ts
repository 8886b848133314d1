import type { Expression, MemberExpression } from "acorn";
import type { JsonSchema } from "@heddle/schema";
import { ANYTHING, type Builtin, INTEGER, TEXT } from "./builtin.ts";
import { type Checker, listNames, report } from "./checker.ts";
import { quoteSource, type Span } from "./fault.ts";
import { itemsOf } from "./list-methods.ts";
import { methodNames, methodsByType } from "./member.ts";
import { spanOf } from "./refusals.ts";
import { describeWithArticle, fieldOf, presentVariants, unionOf } from "./schema-types.ts";
import { didYouMean } from "./suggest.ts";

interface Access {
  key: string;
  node: MemberExpression;
  /** What names the field: the place to point at. */
  property: Expression;
}

/** The type of `object.key`. It is a problem only where no alternative of the object has such a field. */
export function lookUpMember(checker: Checker, object: JsonSchema, { key, node, property }: Access): JsonSchema {
  const variants = presentVariants(object);
  if (variants.length === 0) return ANYTHING;
  const found: JsonSchema[] = [];
  const names: string[] = [];
  for (const variant of variants) {
    const lookup = lookUp(variant, key);
    if (lookup.status === "known") found.push(lookup.schema);
    else names.push(...lookup.names);
  }
  if (found.length > 0) return unionOf(...found);
  reportMissing(checker, object, { key, node, property }, names);
  return ANYTHING;
}

function lookUp(variant: JsonSchema, key: string): ReturnType<typeof fieldOf> {
  if (variant.type === undefined) return { status: "known", schema: ANYTHING };
  if (variant.type === "object") return fieldOf(variant, key);
  if ((variant.type === "array" || variant.type === "string") && key === "length") return { status: "known", schema: INTEGER };
  if (variant.type === "array" && /^\d+$/.test(key)) return { status: "known", schema: itemsOf(variant) };
  if (variant.type === "string" && /^\d+$/.test(key)) return { status: "known", schema: TEXT };
  return { status: "absent", names: [] };
}

function reportMissing(checker: Checker, object: JsonSchema, { key, node, property }: Access, names: string[]): void {
  const subject = `\`${quoteSource(checker.source, spanOf(node.object))}\``;
  const [variant] = presentVariants(object);
  if (tableOf(variant)?.has(key) === true) {
    report(checker, "unknown_property", spanOf(property), `\`${key}\` is a method: write \`${key}()\`.`);
  } else if (variant?.type === "object") {
    const advice = didYouMean(key, names) || (names.length > 0 ? ` It has ${listNames(names)}.` : "");
    report(checker, "unknown_property", spanOf(property), `${subject} has no field \`${key}\`.${advice}`);
  } else if (variant?.type === "array") {
    report(
      checker,
      "unknown_property",
      spanOf(property),
      `${subject} is a list, so it has no field \`${key}\`. Take one element with [0].${key}, or all with map(item => item.${key}).`,
    );
  } else {
    report(checker, "unknown_property", spanOf(property), `${subject} is ${describeWithArticle(object)}, so it has no field \`${key}\`.`);
  }
}

/** The methods that a call may mean, by the alternatives of what stands before the dot. */
export function lookUpMethod(checker: Checker, receiver: JsonSchema, name: string, span: Span): { method: Builtin; variant: JsonSchema }[] {
  if (!methodNames.has(name)) {
    report(checker, "unknown_method", span, `There is no method \`${name}\`.${didYouMean(name, methodNames)}`);
    return [];
  }
  const variants = presentVariants(receiver);
  const candidates = variants.some((variant) => variant.type === undefined)
    ? (["string", "array", "number", "boolean"] as const).map((type): JsonSchema => ({ type }))
    : variants;
  const methods = candidates.flatMap((variant) => {
    const method = tableOf(variant)?.get(name);
    return method === undefined ? [] : [{ method, variant }];
  });
  if (methods.length === 0 && variants.length > 0) {
    const advice = variants.some((variant) => variant.type === "object") ? " For an object, use keys(), values() or entries()." : "";
    report(checker, "unknown_method", span, `This is ${describeWithArticle(receiver)}, which has no method \`${name}\`.${advice}`);
  }
  return methods;
}

/** The methods of one alternative. */
export function tableOf(variant: JsonSchema | undefined): ReadonlyMap<string, Builtin> | undefined {
  if (variant?.type === "integer") return methodsByType.number;
  const type = variant?.type;
  return type === "string" || type === "array" || type === "number" || type === "boolean" ? methodsByType[type] : undefined;
}
