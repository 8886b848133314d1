import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compileTemplate } from "./compile-template.ts";

/**
 * An expression as text, and what JavaScript itself makes of it. The value is computed by the operators of the language
 * while the expression is generated, so the test needs no evaluator of its own.
 */
interface Sample<T> {
  source: string;
  value: T;
}

const scope = { input: { a: 3, b: -7.5, t: "Hello World", e: "", list: [5, 1, 4], words: ["kiwi", "apple", "fig"], yes: true } };

function leaf<T>(source: string, value: T): fc.Arbitrary<Sample<T>> {
  return fc.constant({ source, value });
}

const { number, text, flag, numbers, texts } = fc.letrec<{
  number: Sample<number>;
  text: Sample<string>;
  flag: Sample<boolean>;
  numbers: Sample<number[]>;
  texts: Sample<string[]>;
}>((tie) => {
  const number = tie("number") as fc.Arbitrary<Sample<number>>;
  const text = tie("text") as fc.Arbitrary<Sample<string>>;
  const flag = tie("flag") as fc.Arbitrary<Sample<boolean>>;
  const numbers = tie("numbers") as fc.Arbitrary<Sample<number[]>>;
  const texts = tie("texts") as fc.Arbitrary<Sample<string[]>>;
  const binary = <A, B, T>(left: fc.Arbitrary<Sample<A>>, operator: string, right: fc.Arbitrary<Sample<B>>, compute: (a: A, b: B) => T) =>
    fc
      .tuple(left, right)
      .map(([a, b]): Sample<T> => ({ source: `(${a.source} ${operator} ${b.source})`, value: compute(a.value, b.value) }));
  const unary = <A, T>(argument: fc.Arbitrary<Sample<A>>, write: (source: string) => string, compute: (a: A) => T) =>
    argument.map(({ source, value }): Sample<T> => ({ source: write(source), value: compute(value) }));
  const choice = <T>(of: fc.Arbitrary<Sample<T>>) =>
    fc.tuple(flag, of, of).map(([test, yes, no]): Sample<T> => ({
      source: `(${test.source} ? ${yes.source} : ${no.source})`,
      value: test.value ? yes.value : no.value,
    }));
  const small = fc.integer({ min: -4, max: 12 });

  return {
    number: fc.oneof(
      { maxDepth: 5 },
      fc
        .oneof(fc.integer({ min: -1_000, max: 1_000 }), fc.double({ min: -50, max: 50, noNaN: true }))
        .map((value): Sample<number> => ({ source: value < 0 || Object.is(value, -0) ? `(-${Math.abs(value)})` : `${value}`, value })),
      leaf("input.a", 3),
      leaf("input['b']", -7.5),
      leaf("input.list[2]", 4),
      binary(number, "+", number, (a, b) => a + b),
      binary(number, "-", number, (a, b) => a - b),
      binary(number, "*", number, (a, b) => a * b),
      binary(number, "/", number, (a, b) => a / b),
      binary(number, "%", number, (a, b) => a % b),
      unary(
        number,
        (source) => `(-${source})`,
        (value) => -value,
      ),
      unary(
        text,
        (source) => `${source}.length`,
        (value) => value.length,
      ),
      unary(
        numbers,
        (source) => `${source}.length`,
        (value) => value.length,
      ),
      binary(text, "??", text, (a) => a.length).map(({ source, value }) => ({ source: `${source}.length`, value })),
      unary(
        numbers,
        (source) => `${source}.reduce((sum, item) => sum + item, 0)`,
        (list) => list.reduce((sum, item) => sum + item, 0),
      ),
      fc
        .tuple(text, text)
        .map(([a, b]): Sample<number> => ({ source: `${a.source}.indexOf(${b.source})`, value: a.value.indexOf(b.value) })),
      choice(number),
    ),
    text: fc.oneof(
      { maxDepth: 5 },
      fc.string({ maxLength: 6, unit: "binary" }).map((value): Sample<string> => ({ source: JSON.stringify(value), value })),
      leaf("input.t", "Hello World"),
      leaf("input.e", ""),
      leaf("input.words[1]", "apple"),
      binary(text, "+", text, (a, b) => a + b),
      binary(text, "+", number, (a, b) => a + b),
      binary(flag, "+", text, (a, b) => String(a) + b),
      unary(
        text,
        (source) => `${source}.trim()`,
        (value) => value.trim(),
      ),
      unary(
        text,
        (source) => `${source}.toUpperCase()`,
        (value) => value.toUpperCase(),
      ),
      unary(
        text,
        (source) => `${source}.toLowerCase()`,
        (value) => value.toLowerCase(),
      ),
      fc
        .tuple(text, small, small)
        .map(([a, from, to]): Sample<string> => ({ source: `${a.source}.slice(${from}, ${to})`, value: a.value.slice(from, to) })),
      fc
        .tuple(text, small)
        .map(([a, length]): Sample<string> => ({ source: `${a.source}.padStart(${length}, "ab")`, value: a.value.padStart(length, "ab") })),
      fc
        .tuple(text, text)
        .map(([a, b]): Sample<string> => ({ source: `${a.source}.replaceAll(${b.source}, "-")`, value: a.value.replaceAll(b.value, "-") })),
      fc
        .tuple(text, number)
        .map(([a, b]): Sample<string> => ({ source: `\`<\${${a.source}}|\${${b.source}}>\``, value: `<${a.value}|${b.value}>` })),
      unary(
        texts,
        (source) => `${source}.join(", ")`,
        (list) => list.join(", "),
      ),
      choice(text),
    ),
    flag: fc.oneof(
      { maxDepth: 5 },
      leaf("true", true),
      leaf("input.yes", true),
      leaf("false", false),
      binary(number, "<", number, (a, b) => a < b),
      binary(number, ">=", number, (a, b) => a >= b),
      binary(text, "<=", text, (a, b) => a <= b),
      binary(text, ">", text, (a, b) => a > b),
      binary(number, "===", number, (a, b) => a === b),
      binary(text, "!=", text, (a, b) => a != b),
      // eslint-disable-next-line eqeqeq -- the loose comparison is what is tested
      binary(text, "==", number, (a, b) => (a as unknown) == b),
      binary(flag, "&&", flag, (a, b) => a && b),
      binary(flag, "||", flag, (a, b) => a || b),
      unary(
        flag,
        (source) => `!${source}`,
        (value) => !value,
      ),
      unary(
        text,
        (source) => `!${source}`,
        (value) => !value,
      ),
      unary(
        number,
        (source) => `!${source}`,
        (value) => !value,
      ),
      fc
        .tuple(text, text)
        .map(([a, b]): Sample<boolean> => ({ source: `${a.source}.includes(${b.source})`, value: a.value.includes(b.value) })),
      fc.tuple(numbers, number).map(([a, b]): Sample<boolean> => ({
        source: `${a.source}.some(item => item > ${b.source})`,
        value: a.value.some((item) => item > b.value),
      })),
    ),
    numbers: fc.oneof(
      { maxDepth: 4 },
      leaf("input.list", [5, 1, 4]),
      leaf("[]", []),
      fc.array(number, { maxLength: 3 }).map((items): Sample<number[]> => ({
        source: `[${items.map(({ source }) => source).join(", ")}]`,
        value: items.map(({ value }) => value),
      })),
      fc
        .tuple(numbers, numbers)
        .map(([a, b]): Sample<number[]> => ({ source: `[...${a.source}, ...${b.source}]`, value: [...a.value, ...b.value] })),
      fc.tuple(numbers, number).map(([a, b]): Sample<number[]> => ({
        source: `${a.source}.map((item, index) => item * index - ${b.source})`,
        value: a.value.map((item, index) => item * index - b.value),
      })),
      fc.tuple(numbers, number).map(([a, b]): Sample<number[]> => ({
        source: `${a.source}.filter(item => item < ${b.source})`,
        value: a.value.filter((item) => item < b.value),
      })),
      unary(
        numbers,
        (source) => `${source}.toReversed()`,
        (list) => list.toReversed(),
      ),
      unary(
        numbers,
        (source) => `${source}.toSorted((a, b) => b - a)`,
        (list) => list.toSorted((a, b) => b - a),
      ),
      unary(
        texts,
        (source) => `${source}.map(word => word.length)`,
        (list) => list.map((word) => word.length),
      ),
    ),
    texts: fc.oneof(
      { maxDepth: 4 },
      leaf("input.words", ["kiwi", "apple", "fig"]),
      fc.tuple(text, text).map(([a, b]): Sample<string[]> => ({ source: `${a.source}.split(${b.source})`, value: a.value.split(b.value) })),
      fc.tuple(texts, text).map(([a, b]): Sample<string[]> => ({
        source: `${a.source}.map(word => word + ${b.source})`,
        value: a.value.map((word) => word + b.value),
      })),
      fc.tuple(numbers, fc.integer({ min: 0, max: 4 })).map(([a, digits]): Sample<string[]> => ({
        source: `${a.source}.map(item => item.toFixed(${digits}))`,
        value: a.value.map((item) => item.toFixed(digits)),
      })),
    ),
  };
});

/** Numbers that JSON can't carry are errors here, by design. */
function isFinite(value: unknown): boolean {
  return typeof value === "number" ? Number.isFinite(value) : !Array.isArray(value) || value.every(isFinite);
}

describe("an expression means what it means in JavaScript", () => {
  test.each([
    ["numbers", number],
    ["texts", text],
    ["true and false", flag],
    ["lists of numbers", numbers],
    ["lists of texts", texts],
  ] as [string, fc.Arbitrary<Sample<unknown>>][])("for %s", (_, arbitrary) => {
    fc.assert(
      fc.property(arbitrary, ({ source, value }) => {
        fc.pre(isFinite(value) && source.length < 5_000);
        let actual: unknown;
        try {
          actual = compileTemplate(`{{ ${source} }}`).evaluate(scope);
        } catch (error) {
          // A part that is not finite is refused where JavaScript goes on with it.
          if (/not a finite number/.test((error as Error).message)) return;
          throw error;
        }
        expect(actual).toEqual(value);
      }),
      { numRuns: 500 },
    );
  });

  test("and in a text it is what JavaScript would write", () => {
    fc.assert(
      fc.property(text, flag, ({ source, value }, condition) => {
        fc.pre(source.length < 5_000);
        try {
          expect(compileTemplate(`a{{ ${source} }}b{{ ${condition.source} }}`).evaluate(scope)).toBe(`a${value}b${condition.value}`);
        } catch (error) {
          if (!/not a finite number/.test((error as Error).message)) throw error;
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe("any text at all", () => {
  test("without {{ comes out as it went in", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (source) => {
        fc.pre(!source.includes("{{"));
        expect(compileTemplate(source).evaluate({})).toBe(source);
      }),
    );
  });

  test("can be carried through an expression and through an escape", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("{", "{{", "}", "}}", "\\", "a", " ", "\n") }), (value) => {
        expect(compileTemplate("{{ input }}").evaluate({ input: value })).toBe(value);
        expect(compileTemplate("<{{ input }}>").evaluate({ input: value })).toBe(`<${value}>`);
        const escaped = value.replaceAll(/\\*\{\{/g, (found) => `${"\\".repeat((found.length - 2) * 2)}\\{{`);
        expect(compileTemplate(escaped).evaluate({})).toBe(value);
      }),
    );
  });

  test("either compiles or is refused as an expression", () => {
    const pieces = fc.array(
      fc.constantFrom(
        "{{",
        "}}",
        "{",
        "}",
        "\\",
        "input",
        ".",
        "a",
        "(",
        ")",
        "'",
        '"',
        "`",
        "${",
        "[",
        "]",
        "=>",
        "=",
        "+",
        "1",
        ",",
        "?",
        ":",
        " ",
        "\n",
        "//",
        "/*",
        "*/",
        "default",
        "new",
        "async",
      ),
      { maxLength: 14 },
    );
    fc.assert(
      fc.property(pieces, (parts) => {
        try {
          compileTemplate(`{{ ${parts.join("")}`).evaluate({ input: { a: [1] } });
        } catch (error) {
          expect(error).toMatchObject({ name: "HeddleError", code: "expression_failed" });
        }
      }),
      { numRuns: 3_000 },
    );
  });
});
