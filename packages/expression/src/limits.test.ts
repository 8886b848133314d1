import { HeddleError } from "@heddle/schema";
import { describe, expect, test } from "vitest";
import { checkTemplate } from "./check-template.ts";
import { compileTemplate } from "./compile-template.ts";
import { compileValue } from "./compile-value.ts";
import { MAX_EXPRESSION_LENGTH, MAX_TEXT_LENGTH } from "./limits.ts";

const long = "a".repeat(2_000_000);
const scope = {
  input: {
    list: Array.from({ length: 2_000 }, (_, index) => index),
    long,
    other: `${long.slice(1)}b`,
    text: "b".repeat(5_000) + "a".repeat(5_000),
    blanks: " ".repeat(2_000_000),
    fields: Object.fromEntries(Array.from({ length: 2_000 }, (_, index) => [`f${index}`, index])),
  },
};

/** Expressions that would take minutes, or all memory, if nobody counted. Vitest's own time limit ends a hang. */
const BOMBS = [
  "'a'.repeat(1e9)",
  "'a'.repeat(1e6).repeat(1e6)",
  "'a'.padStart(1e12)",
  "'a'.padEnd(2 ** 40, 'xyz')",
  `'a'.replaceAll('', 'b'.repeat(1e6)).replaceAll('', 'c'.repeat(1e6))`,
  "input.long.replaceAll('a', input.long)",
  `input.list.map(a => input.list.map(b => input.list.map(c => a + b + c)))`,
  "input.list.map(a => input.list).flat().map(b => input.list).flat()",
  `[0]${".map(x => [x, x])".repeat(40)}`,
  `[0]${".map(x => [x, x])".repeat(40)}.length && json([0]${".map(x => [x, x])".repeat(40)})`,
  `[0]${".flatMap(x => [x, x, x, x])".repeat(30)}`,
  `'a'${".concat('a'.repeat(1000))".repeat(5)}${".replaceAll('a', 'aa')".repeat(30)}`,
  "input.list.reduce((text, item) => text + text + item, 'ab')",
  "input.list.map(item => input.long + item)",
  "input.list.filter(item => input.long == input.other)",
  "input.list.filter(item => input.long < input.other)",
  "input.list.filter(item => [input.long].includes(input.other))",
  "input.list.map(item => input.long.includes('b' + input.text))",
  "input.list.map(item => input.long.toUpperCase())",
  "input.list.map(item => [...input.list, item])",
  "input.list.sort((a, b) => input.list.map(x => x).length)",
  "input.list.map(item => keys(input)).concat(input.list.map(a => input.list.map(b => b)))",
  "parseJson('[' + '[],'.repeat(3e6) + '[]]')",
  "parseJson('['.repeat(1e5) + ']'.repeat(1e5))",
  "input.list.map(item => isEmpty(input.blanks))",
  "input.list.map(item => isEmpty(input.fields))",
  "input.list.map(item => length(input.fields))",
  "input.list.map(item => json(input))",
  "input.list.map(item => `${input.long}${input.long}`)",
];

describe("no expression hangs or takes all memory", () => {
  test.each(BOMBS)("%s", (source) => {
    for (const template of [`{{ ${source} }}`, `x {{ ${source} }}`]) {
      const error = failure(() => compileTemplate(template).evaluate(scope));
      expect(error.code).toBe("expression_failed");
      expect(error.details?.["problem"]).toBe("expression_limit");
    }
  });

  test.each([
    ["parentheses", `${"(".repeat(8_000)}1${")".repeat(8_000)}`],
    ["lists", `${"[".repeat(5_000)}${"]".repeat(5_000)}`],
    ["objects", `${"{a:".repeat(3_000)}1${"}".repeat(3_000)}`],
    ["operators", `1${" + 1".repeat(4_000)}`],
    ["negations", `${"!".repeat(10_000)}1`],
    ["fields", `a${".a".repeat(9_000)}`],
    ["calls", `''${".trim()".repeat(2_500)}`],
    ["conditions", `${"1 ? 2 : ".repeat(2_000)}3`],
    ["functions", `[0].map(x => ${"[0].map(x => ".repeat(1_000)}x${")".repeat(1_000)})`],
    ["template literals", `${"`${".repeat(2_000)}1${"}`".repeat(2_000)}`],
  ])("refuses endless nesting of %s, without running out of stack", (_, source) => {
    const template = `{{ ${source} }}`;
    const { problems } = checkTemplate(template, { type: "object", properties: { a: {} }, additionalProperties: false });
    const error = attempt(() => compileTemplate(template).evaluate({}));
    // Parentheses are no nesting once parsed; everything else is refused.
    if (error === undefined) expect(problems).toEqual([]);
    else {
      expect(error.code).toBe("expression_failed");
      expect(problems.map(({ code }) => code)).toEqual(["expression_limit"]);
    }
  });

  test("refuses an expression that is too long", () => {
    const error = failure(() => compileTemplate(`{{ ${`'${"a".repeat(MAX_EXPRESSION_LENGTH)}'`} }}`));
    expect(error.code).toBe("expression_failed");
  });

  test.each([
    ["in one text", (work: string) => compileTemplate(`${work} `.repeat(200)).evaluate(scope)],
    ["in one value", (work: string) => compileValue({ list: Array.from({ length: 200 }, () => ({ work })) }).evaluate(scope)],
  ])("many expressions %s may do no more than one", (_, evaluate) => {
    const error = failure(() => evaluate("{{ input.list.map(item => item * 2 + 1).length }}"));
    expect(error.details?.["problem"]).toBe("expression_limit");
  });

  test("a long text is not a number, however blank it is", () => {
    expect(compileTemplate("{{ input.blanks == 0 }}").evaluate(scope)).toBe(false);
    expect(compileTemplate("{{ number(input.blanks + '1', 7) }}").evaluate(scope)).toBe(7);
  });

  test("reads a long text with many expressions in one go", () => {
    const template = compileTemplate("lorem ipsum {{ input.list[0] }} ".repeat(10_000));
    expect(String(template.evaluate(scope))).toHaveLength("lorem ipsum 0 ".length * 10_000);
  });

  test("lets through what a run may put out", () => {
    const text = "a".repeat(MAX_TEXT_LENGTH - 1);
    expect(compileTemplate("{{ input.text + '!' }}").evaluate({ input: { text } })).toHaveLength(MAX_TEXT_LENGTH);
    expect(failure(() => compileTemplate("{{ input.text + '!!' }}").evaluate({ input: { text } })).message).toContain("characters");
    expect(
      compileTemplate("{{ input.list.map(item => ({ item, double: item * 2 })).filter(({ double }) => double > 10).length }}").evaluate(
        scope,
      ),
    ).toBe(1_994);
  });
});

function attempt(work: () => unknown): HeddleError | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof HeddleError) return error;
    throw error;
  }
}

function failure(work: () => unknown): HeddleError {
  const error = attempt(work);
  if (error === undefined) throw new Error("nothing was thrown");
  return error;
}
