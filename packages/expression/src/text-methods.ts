import { BOOLEAN, builtinTable, INTEGER, integerArgument, TEXT, textArgument } from "./builtin.ts";
import { ExpressionFault } from "./fault.ts";
import { charge, chargeText, type Evaluation } from "./limits.ts";

/** The engine's search is linear for patterns up to this length; longer ones are charged for their worst case. */
const LINEAR_PATTERN_LENGTH = 250;
const TEXTS = { type: "array", items: TEXT } as const;

/** Methods of texts. Searches are for literal text: there are no regular expressions and no `$` patterns. */
export const textMethods = builtinTable<string>([
  simple("trim", "Without blanks at both ends.", (text) => text.trim()),
  simple("trimStart", "Without blanks at the start.", (text) => text.trimStart()),
  simple("trimEnd", "Without blanks at the end.", (text) => text.trimEnd()),
  simple("toUpperCase", "In capitals.", (text) => text.toUpperCase()),
  simple("toLowerCase", "In small letters.", (text) => text.toLowerCase()),
  simple("toString", "The text itself.", (text) => text),
  search("includes", BOOLEAN, "Whether it contains another text.", (text, part, from) => text.includes(part, from)),
  search("startsWith", BOOLEAN, "Whether it starts with another text.", (text, part, from) => text.startsWith(part, from)),
  search("endsWith", BOOLEAN, "Whether it ends with another text.", (text, part, end) => text.endsWith(part, end)),
  search("indexOf", INTEGER, "Where another text first stands, counted from 0; -1 if nowhere.", (text, part, from) =>
    text.indexOf(part, from),
  ),
  search("lastIndexOf", INTEGER, "Where another text last stands, counted from 0; -1 if nowhere.", (text, part, from) =>
    text.lastIndexOf(part, from),
  ),
  range("slice", "The part from a start to before an end; negative numbers count from the end.", (text, start, end) =>
    text.slice(start, end),
  ),
  range("substring", "The part between two positions.", (text, start, end) => text.substring(start ?? 0, end)),
  {
    ...one("at", "index", "The character at a position; negative numbers count from the end."),
    run: (text, args) => text.at(integerArgument(args[0], "the position") ?? 0),
  },
  {
    ...one("charAt", "index", "The character at a position."),
    run: (text, args) => text.charAt(integerArgument(args[0], "the position") ?? 0),
  },
  {
    name: "split",
    parameters: "separator, limit?",
    help: "A list of the parts between separators.",
    minArgs: 1,
    maxArgs: 2,
    returns: TEXTS,
    run: (text, args, evaluation) => {
      const separator = textArgument(args[0], "the separator");
      chargeSearch(evaluation, text, separator);
      const parts = text.split(separator, integerArgument(args[1], "the limit"));
      charge(evaluation, parts.length);
      return parts;
    },
  },
  {
    name: "replace",
    parameters: "search, replacement",
    help: "With the first place of a text replaced by another.",
    minArgs: 2,
    maxArgs: 2,
    returns: TEXT,
    run: (text, args, evaluation) => {
      const [part, replacement] = replaceArguments(text, args, evaluation);
      chargeText(evaluation, text.length + replacement.length);
      return text.replace(part, () => replacement);
    },
  },
  {
    name: "replaceAll",
    parameters: "search, replacement",
    help: "With every place of a text replaced by another.",
    minArgs: 2,
    maxArgs: 2,
    returns: TEXT,
    run: (text, args, evaluation) => {
      const [part, replacement] = replaceArguments(text, args, evaluation);
      const count = part === "" ? text.length + 1 : countPlaces(text, part);
      charge(evaluation, count);
      chargeText(evaluation, text.length + count * (replacement.length - part.length));
      return text.replaceAll(part, () => replacement);
    },
  },
  {
    ...one("repeat", "count", "Several times over."),
    run: (text, args, evaluation) => {
      const count = integerArgument(args[0], "the count") ?? 0;
      if (count < 0) throw new ExpressionFault("type_mismatch", "the count must not be negative.");
      chargeText(evaluation, text.length * count);
      return text.repeat(count);
    },
  },
  pad("padStart", "Filled up at the start to a length.", (text, length, filler) => text.padStart(length, filler)),
  pad("padEnd", "Filled up at the end to a length.", (text, length, filler) => text.padEnd(length, filler)),
  {
    name: "concat",
    parameters: "…texts",
    help: "With other texts behind it.",
    minArgs: 0,
    maxArgs: 100,
    returns: TEXT,
    run: (text, args, evaluation) => {
      const parts = args.map((part) => textArgument(part, "each argument"));
      chargeText(
        evaluation,
        parts.reduce((sum, part) => sum + part.length, text.length),
      );
      return text.concat(...parts);
    },
  },
]);

function simple(name: string, help: string, convert: (text: string) => string) {
  return {
    name,
    parameters: "",
    help,
    minArgs: 0,
    maxArgs: 0,
    returns: TEXT,
    run: (text: string, _args: readonly unknown[], evaluation: Evaluation) => {
      chargeText(evaluation, text.length);
      return convert(text);
    },
  };
}

function one(name: string, parameters: string, help: string) {
  return { name, parameters, help, minArgs: 1, maxArgs: 1, returns: TEXT };
}

function search(
  name: string,
  returns: typeof BOOLEAN,
  help: string,
  find: (text: string, part: string, position?: number) => boolean | number,
) {
  return {
    name,
    parameters: "search, position?",
    help,
    minArgs: 1,
    maxArgs: 2,
    returns,
    run: (text: string, args: readonly unknown[], evaluation: Evaluation) => {
      const part = textArgument(args[0], "the text to look for");
      chargeSearch(evaluation, text, part);
      const position = integerArgument(args[1], "the position");
      return position === undefined ? find(text, part) : find(text, part, position);
    },
  };
}

function range(name: string, help: string, cut: (text: string, start: number | undefined, end: number | undefined) => string) {
  return {
    name,
    parameters: "start, end?",
    help,
    minArgs: 1,
    maxArgs: 2,
    returns: TEXT,
    run: (text: string, args: readonly unknown[], evaluation: Evaluation) => {
      chargeText(evaluation, text.length);
      return cut(text, integerArgument(args[0], "the start"), integerArgument(args[1], "the end"));
    },
  };
}

function pad(name: string, help: string, fill: (text: string, length: number, filler: string) => string) {
  return {
    name,
    parameters: "length, filler?",
    help,
    minArgs: 1,
    maxArgs: 2,
    returns: TEXT,
    run: (text: string, args: readonly unknown[], evaluation: Evaluation) => {
      const length = integerArgument(args[0], "the length") ?? 0;
      const filler = args[1] === undefined ? " " : textArgument(args[1], "the filler");
      chargeText(evaluation, Math.max(length, text.length));
      return fill(text, length, filler);
    },
  };
}

function chargeSearch(evaluation: Evaluation, text: string, part: string): void {
  chargeText(evaluation, text.length);
  if (part.length > LINEAR_PATTERN_LENGTH && part.length <= text.length) charge(evaluation, (text.length * part.length) / 64);
}

function replaceArguments(text: string, args: readonly unknown[], evaluation: Evaluation): [part: string, replacement: string] {
  const part = textArgument(args[0], "the text to look for");
  chargeSearch(evaluation, text, part);
  return [part, textArgument(args[1] ?? "", "the replacement")];
}

function countPlaces(text: string, part: string): number {
  let count = 0;
  for (let at = text.indexOf(part); at !== -1; at = text.indexOf(part, at + part.length)) count += 1;
  return count;
}
