import { builtinTable, integerArgument, TEXT } from "./builtin.ts";
import { ExpressionFault } from "./fault.ts";

/** Methods of numbers. */
export const numberMethods = builtinTable<number>([
  {
    name: "toFixed",
    parameters: "digits",
    help: "As text with this many digits after the point.",
    minArgs: 0,
    maxArgs: 1,
    returns: TEXT,
    run: (value, args) => {
      const digits = integerArgument(args[0], "the number of digits") ?? 0;
      if (digits < 0 || digits > 100) throw new ExpressionFault("type_mismatch", "the number of digits must be between 0 and 100.");
      return value.toFixed(digits);
    },
  },
  { name: "toString", parameters: "", help: "As text.", minArgs: 0, maxArgs: 0, returns: TEXT, run: (value) => String(value) },
]);

/** Methods of true and false. */
export const booleanMethods = builtinTable<boolean>([
  { name: "toString", parameters: "", help: "As text.", minArgs: 0, maxArgs: 0, returns: TEXT, run: (value) => String(value) },
]);
