/** How a rule compares a field with a value; labels follow "Is". */
export const OPERATORS = [
  { value: "equals", label: "equal to" },
  { value: "notEquals", label: "not equal to" },
  { value: "greater", label: "greater than" },
  { value: "greaterOrEqual", label: "at least" },
  { value: "less", label: "less than" },
  { value: "lessOrEqual", label: "at most" },
  { value: "contains", label: "containing" },
  { value: "notContains", label: "not containing" },
  { value: "startsWith", label: "beginning with" },
  { value: "endsWith", label: "ending with" },
  { value: "matches", label: "matching" },
  { value: "in", label: "one of" },
  { value: "isEmpty", label: "empty" },
  { value: "isNotEmpty", label: "not empty" },
  { value: "isTrue", label: "true" },
  { value: "isFalse", label: "false" },
] as const;

export type Operator = (typeof OPERATORS)[number]["value"];

/** Those that compare with nothing. */
export const UNARY_OPERATORS: ReadonlySet<Operator> = new Set<Operator>(["isEmpty", "isNotEmpty", "isTrue", "isFalse"]);
