import type { JsonSchema } from "@heddle/schema";
import { ANYTHING, BOOLEAN, builtinTable, type Callback, type CallTypes, INTEGER, integerArgument, TEXT, textArgument } from "./builtin.ts";
import { ExpressionFault } from "./fault.ts";
import { charge, chargeText, type Evaluation } from "./limits.ts";
import { compareTexts, isIdentical, toNumber } from "./operators.ts";
import { toJsonText, toText } from "./values.ts";

type List = readonly unknown[];
type Args = readonly unknown[];

/** Methods of lists. None changes the list: `reverse` and `sort` return new ones. */
export const listMethods = builtinTable<List>([
  over(
    "map",
    "A list of what the function makes of each element.",
    ({ callback }) => ({ type: "array", items: callback }),
    (list, visit) => list.map((item, index) => visit(item, index, list) ?? null),
  ),
  over("filter", "A list of the elements for which the function says true.", same, (list, visit) =>
    list.filter((item, index) => visit(item, index, list)),
  ),
  over("find", "The first element for which the function says true.", itemOf, (list, visit) =>
    list.find((item, index) => visit(item, index, list)),
  ),
  over("findIndex", "The position of the first element for which the function says true; -1 if there is none.", INTEGER, (list, visit) =>
    list.findIndex((item, index) => visit(item, index, list)),
  ),
  over("some", "Whether the function says true for any element.", BOOLEAN, (list, visit) =>
    list.some((item, index) => visit(item, index, list)),
  ),
  over("every", "Whether the function says true for all elements.", BOOLEAN, (list, visit) =>
    list.every((item, index) => visit(item, index, list)),
  ),
  over(
    "flatMap",
    "As map, with lists that the function makes joined into one.",
    ({ callback }) => ({ type: "array", items: itemsOf(callback) }),
    (list, visit, evaluation) => {
      const result: unknown[] = [];
      for (const [index, item] of list.entries()) {
        const made = visit(item, index, list);
        if (!Array.isArray(made)) result.push(made ?? null);
        else {
          charge(evaluation, made.length);
          for (const part of made) result.push(part);
        }
      }
      return result;
    },
  ),
  {
    name: "reduce",
    parameters: "(result, item, index) => …, start",
    help: "One value made by going through the elements, beginning with a start value.",
    minArgs: 2,
    maxArgs: 2,
    callback: "required",
    returns: ANYTHING,
    run: (list, args) => list.reduce((result, item, index) => (args[0] as Callback)(result, item, index), args[1]),
  },
  sorter("sort"),
  sorter("toSorted"),
  { ...plain("reverse", "In the opposite order.", same), run: (list, _args, evaluation) => reversed(list, evaluation) },
  { ...plain("toReversed", "In the opposite order.", same), run: (list, _args, evaluation) => reversed(list, evaluation) },
  {
    name: "join",
    parameters: "separator?",
    help: "One text of all elements, with a separator between them (a comma by default).",
    minArgs: 0,
    maxArgs: 1,
    returns: TEXT,
    run: (list, args, evaluation) => {
      const separator = args[0] === undefined ? "," : textArgument(args[0], "the separator");
      let length = separator.length * list.length;
      charge(evaluation, list.length);
      const texts = list.map((item) => {
        const text = toText(evaluation, item);
        length += text.length;
        return text;
      });
      chargeText(evaluation, length);
      return texts.join(separator);
    },
  },
  {
    ...plain("includes", "Whether a value is one of the elements.", BOOLEAN),
    parameters: "value",
    minArgs: 1,
    maxArgs: 1,
    run: (list, args, evaluation) => positionOf(list, args, evaluation) !== -1,
  },
  {
    ...plain("indexOf", "The position of a value, counted from 0; -1 if it is not there.", INTEGER),
    parameters: "value",
    minArgs: 1,
    maxArgs: 1,
    run: (list, args, evaluation) => positionOf(list, args, evaluation),
  },
  {
    ...plain("at", "The element at a position; negative numbers count from the end.", itemOf),
    parameters: "index",
    minArgs: 1,
    maxArgs: 1,
    run: (list, args) => list.at(integerArgument(args[0], "the position") ?? 0),
  },
  {
    ...plain("slice", "The elements from a start to before an end; negative numbers count from the end.", same),
    parameters: "start?, end?",
    maxArgs: 2,
    run: (list, args, evaluation) => {
      charge(evaluation, list.length);
      return list.slice(integerArgument(args[0], "the start"), integerArgument(args[1], "the end"));
    },
  },
  {
    ...plain("concat", "With further elements or lists behind it.", { type: "array" }),
    parameters: "…lists",
    minArgs: 1,
    maxArgs: 100,
    run: (list, args, evaluation) => {
      const result: unknown[] = [...list];
      for (const part of args) {
        if (Array.isArray(part)) for (const item of part) result.push(item);
        else result.push(part ?? null);
        charge(evaluation, Array.isArray(part) ? part.length : 1);
      }
      charge(evaluation, list.length);
      return result;
    },
  },
  {
    ...plain("flat", "With lists among the elements replaced by their elements.", { type: "array" }),
    parameters: "depth?",
    maxArgs: 1,
    run: (list, args, evaluation) => flatten(list, Math.min(integerArgument(args[0], "the depth") ?? 1, 10), evaluation),
  },
  { ...plain("toString", "JSON text of the list.", TEXT), run: (list, _args, evaluation) => toJsonText(evaluation, list) },
]);

/** Orders values: all numbers by size, anything else by its text. */
export function sortList(list: List, compare: Callback | undefined, evaluation: Evaluation): unknown[] {
  charge(evaluation, list.length * 2);
  if (compare !== undefined) return list.toSorted((left, right) => toNumber(compare(left, right), "sort"));
  if (list.every((item) => typeof item === "number")) return (list as readonly number[]).toSorted((left, right) => left - right);
  const texts = list.map((item) => ({ item, text: toText(evaluation, item) }));
  texts.sort((left, right) => {
    charge(evaluation, 1);
    return compareTexts(evaluation, left.text, right.text);
  });
  return texts.map(({ item }) => item);
}

/** The element type of a list type. */
export function itemsOf(schema: JsonSchema): JsonSchema {
  return typeof schema.items === "object" ? schema.items : ANYTHING;
}

function same({ receiver }: CallTypes): JsonSchema {
  return receiver;
}

function itemOf({ receiver }: CallTypes): JsonSchema {
  return itemsOf(receiver);
}

function plain(name: string, help: string, returns: JsonSchema | ((types: CallTypes) => JsonSchema)) {
  return { name, parameters: "", help, minArgs: 0, maxArgs: 0, returns };
}

function over(
  name: string,
  help: string,
  returns: JsonSchema | ((types: CallTypes) => JsonSchema),
  walk: (list: List, visit: Callback, evaluation: Evaluation) => unknown,
) {
  return {
    name,
    parameters: "item => …",
    help,
    minArgs: 1,
    maxArgs: 1,
    callback: "required" as const,
    returns,
    run: (list: List, args: Args, evaluation: Evaluation) => {
      charge(evaluation, list.length);
      return walk(list, args[0] as Callback, evaluation);
    },
  };
}

function sorter(name: string) {
  return {
    name,
    parameters: "(a, b) => …?",
    help: "In order: numbers by size, anything else by its text, or as a function says (negative: a comes first).",
    minArgs: 0,
    maxArgs: 1,
    callback: "optional" as const,
    returns: same,
    run: (list: List, args: Args, evaluation: Evaluation) => sortList(list, args[0] as Callback | undefined, evaluation),
  };
}

function reversed(list: List, evaluation: Evaluation): unknown[] {
  charge(evaluation, list.length);
  return list.toReversed();
}

function positionOf(list: List, args: Args, evaluation: Evaluation): number {
  charge(evaluation, list.length);
  const wanted = args[0];
  return list.findIndex((item) => isIdentical(evaluation, item, wanted));
}

function flatten(list: List, depth: number, evaluation: Evaluation): unknown[] {
  if (depth < 0) throw new ExpressionFault("type_mismatch", "the depth must not be negative.");
  charge(evaluation, list.length);
  const result: unknown[] = [];
  for (const item of list) {
    if (!Array.isArray(item) || depth === 0) result.push(item);
    else for (const part of flatten(item, depth - 1, evaluation)) result.push(part);
  }
  return result;
}
