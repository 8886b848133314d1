import { HeddleError } from "@heddle/schema";
import { describe, expect, test } from "vitest";
import { compileTemplate } from "./compile-template.ts";

const scope = {
  input: { message: "  Hello {{ 7 * 7 }}  ", count: 3, price: "12.5", tags: ["b", "a", "c"], empty: null, user: { name: "Ann", age: 41 } },
  triage: {
    output: {
      label: "refund",
      confidence: 0.83,
      alternatives: [
        { label: "card", confidence: 0.1 },
        { label: "top-up", confidence: 0.07 },
      ],
    },
  },
  variables: { language: "en" },
  run: { id: "r1", startedAt: 86_400_000 },
};

function evaluate(source: string): unknown {
  return compileTemplate(source).evaluate(scope);
}

function failure(work: () => unknown): HeddleError {
  try {
    work();
  } catch (error) {
    if (error instanceof HeddleError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("a template", () => {
  test.each<[string, string, unknown]>([
    ["plain text stays as it is", "Hello }} $ { \\ world", "Hello }} $ { \\ world"],
    ["a whole value keeps its type", "{{ input.count }}", 3],
    ["a whole object keeps its shape", "{{ input.user }}", { name: "Ann", age: 41 }],
    ["blanks around a whole value do not count", " {{ input.count }}\n", 3],
    ["text around an expression makes it text", "n={{ input.count }}", "n=3"],
    ["two expressions make text", "{{ input.count }}{{ input.count }}", "33"],
    ["no value is nothing in a text", "[{{ input.missing }}{{ input.empty }}]", "[]"],
    ["objects and lists are JSON in a text", "{{ input.user }} {{ input.tags }}", '{"name":"Ann","age":41} ["b","a","c"]'],
    ["true and numbers are themselves in a text", "{{ 1 > 0 }} {{ 0.5 }}", "true 0.5"],
    ["braces inside quotes are text", "{{ '}}' + \"{{\" + `}}` }}", "}}{{}}"],
    ["braces of objects are no delimiters", "{{ {a: {b: {c: 1}}} }}", { a: { b: { c: 1 } } }],
    ["objects may stand against the delimiters", "{{{a: {b: 1}}}}", { a: { b: 1 } }],
    ["comments are skipped", "{{ 1 /* }} */ + /* { */ 2 /* }} */ }}", 3],
    ["a backslash keeps braces as text", "\\{{ input.count }}", "{{ input.count }}"],
    ["escaped and real expressions mix", "\\{{ a }} {{ input.count }} \\{{", "{{ a }} 3 {{"],
    ["two backslashes are one before an expression", "C:\\\\{{ input.count }}", "C:\\3"],
    ["data is never evaluated again", "{{ input.message.trim() }}", "Hello {{ 7 * 7 }}"],
    ["data stays text in a text, too", "> {{ input.message }}", ">   Hello {{ 7 * 7 }}  "],
  ])("%s", (_, source, expected) => {
    expect(evaluate(source)).toEqual(expected);
  });

  test("says what it reads, and whether it reads anything", () => {
    expect(compileTemplate("{{ triage.output.label }} {{ input.tags.map(tag => tag + run.id) }} {{ triage }}")).toMatchObject({
      references: ["triage", "input", "run"],
      isLiteral: false,
    });
    expect(compileTemplate("no \\{{ expression }}")).toMatchObject({ references: [], isLiteral: true });
  });

  test("can be evaluated many times in different scopes", () => {
    const template = compileTemplate("{{ input.items.map(item => item * input.factor) }}");
    expect(template.evaluate({ input: { items: [1, 2], factor: 2 } })).toEqual([2, 4]);
    expect(template.evaluate({ input: { items: [3], factor: 10 } })).toEqual([30]);
    expect(template.evaluate({})).toBeUndefined();
  });
});

describe("an expression", () => {
  test.each<[string, unknown]>([
    // reading
    ["triage.output.label", "refund"],
    ["triage['output']['label']", "refund"],
    ["triage.output.alternatives[1].label", "top-up"],
    ["triage.output.alternatives.at(-1).confidence", 0.07],
    ["input.missing.deep.er", undefined],
    ["input?.missing?.[0]?.label", undefined],
    ["nobody.output.label ?? 'none'", "none"],
    ["input.empty.x", undefined],
    ["input.missing.trim().length", undefined],
    ["input.tags.length + input.user.name.length", 6],
    ["input.tags['1']", "a"],
    ["input.tags[-1]", undefined],
    ["'abc'[1]", "b"],
    // operators
    ["1 + 2 * 3 ** 2 % 5", 4],
    ["'a' + 1 + true", "a1true"],
    ["'n: ' + input.missing", "n: "],
    ["input.price * 2", 25],
    ["-input.count + +'4'", 1],
    ["input.count > 2 && input.user.age < 50", true],
    ["input.missing > 1 || input.missing <= 1", false],
    ["'b' > 'a'", true],
    ["'10' > 9", true],
    ["null == undefined", true],
    ["'3' == 3 && '3' !== 3", true],
    ["input.user == '[object Object]'", false],
    ["'name' in input.user && !('toString' in input.user)", true],
    ["input.count ? 'some' : 'none'", "some"],
    ["input.empty ?? input.missing ?? 0", 0],
    ["typeof input.count", "number"],
    ["!input.tags.length", false],
    // literals
    ["[1, ...input.tags, input.missing]", [1, "b", "a", "c", null]],
    ["({ ...input.user, age: 42, [input.tags[0]]: 1, gone: input.missing })", { name: "Ann", age: 42, b: 1 }],
    ["`Hi ${input.user.name}, ${input.missing}!`", "Hi Ann, !"],
    // texts
    ["' x '.trim().toUpperCase().padStart(3, '-').padEnd(5, '.')", "--X.."],
    ["'a,b,,c'.split(',')", ["a", "b", "", "c"]],
    ["'banana'.replace('an', '$&').replaceAll('a', 'o')", "b$&ono"],
    ["'abcdef'.slice(-3, -1) + 'abcdef'.substring(1, 2) + 'abc'.charAt(2) + 'abc'.at(-1)", "debcc"],
    [
      "['abc'.indexOf('c'), 'abca'.lastIndexOf('a'), 'abc'.includes('z'), 'abc'.startsWith('b', 1), 'abc'.endsWith('c')]",
      [2, 3, false, true, true],
    ],
    ["'ab'.repeat(2).concat('!', 1)", "abab!1"],
    // lists
    ["input.tags.toSorted().join(' ')", "a b c"],
    ["[10, 9, 1].sort()", [1, 9, 10]],
    ["[1, 2, 3].sort((a, b) => b - a)", [3, 2, 1]],
    ["input.tags.map((tag, index) => `${index}${tag}`)", ["0b", "1a", "2c"]],
    ["triage.output.alternatives.filter(({ confidence }) => confidence > 0.08).map(({ label }) => label)", ["card"]],
    ["triage.output.alternatives.find(option => option.label == 'top-up').confidence", 0.07],
    ["input.tags.some(tag => tag == 'a') && !input.tags.every(tag => tag == 'a')", true],
    ["[[1, 2], [3]].map(list => list.map(item => item * list.length))", [[2, 4], [3]]],
    ["[1, 2, 3].reduce((sum, item) => sum + item, 10)", 16],
    ["[[1], [2, [3]]].flat()", [1, 2, [3]]],
    ["[1, 2].flatMap(n => [n, n * 10])", [1, 10, 2, 20]],
    ["[1, 2, 3].reverse().slice(1).concat([7], 8)", [2, 1, 7, 8]],
    ["[[1, 2, 3].includes(2), [1, 2].indexOf(3), [3, 4].findIndex(n => n == 4)]", [true, -1, 1]],
    ["entries(input.user).map(([name, value]) => name + '=' + value).join('&')", "name=Ann&age=41"],
    // functions
    ["length(input.user) + length(input.missing) + length('abc')", 5],
    [
      "[keys(input.user), values(input.user)]",
      [
        ["name", "age"],
        ["Ann", 41],
      ],
    ],
    ["parseJson(json(input.user)).age", 41],
    ["parseJson('nonsense', 'fallback')", "fallback"],
    ["number('4.50') + number('x', 1)", 5.5],
    ["string(input.tags)", '["b","a","c"]'],
    ["[round(1.005, 2), round(-2.5), floor(1.9), ceil(1.1), abs(-3)]", [1.01, -3, 1, 2, 3]],
    ["[min(3, 1, 2), max([3, 1, 2]), sum([1, 2, 3])]", [1, 3, 6]],
    ["default(input.missing, 'x') + default('', 'y')", "x"],
    ["[isEmpty(' '), isEmpty([]), isEmpty({}), isEmpty(input.missing), isEmpty(0)]", [true, true, true, true, false]],
    ["unique([1, 1, '1', 2])", [1, "1", 2]],
    ["[type(null), type([]), type({}), type('')]", ["null", "list", "object", "text"]],
    ["isoDate(run.startedAt)", "1970-01-02T00:00:00.000Z"],
    ["encodeUrl('a b&c')", "a%20b%26c"],
    ["(1.255).toFixed(1) + (5).toString()", "1.35"],
  ])("%s", (source, expected) => {
    expect(evaluate(`{{ ${source} }}`)).toEqual(expected);
  });

  test("never changes the data that it reads", () => {
    const frozen = Object.freeze({ list: Object.freeze([3, 1, 2]) });
    expect(compileTemplate("{{ input.list.sort().reverse().concat(4) }}").evaluate({ input: frozen })).toEqual([3, 2, 1, 4]);
    expect(frozen.list).toEqual([3, 1, 2]);
  });
});

describe("an error", () => {
  test.each<[string, string, RegExp]>([
    ["{{ input. }}", "the expression ends too early", /missing before }}/],
    ["{{ }}", "nothing between {{ and }}", /what to insert/],
    ["{{ input.count", "is not", /Close it with }}/],
    ["{{ 'abc }}", "not closed", /closing quote/],
    ["{{ input.count = 3 }}", "can't be changed", /write ==/],
    ["{{ a and b }}", "`and` can't stand here", /&&/],
    ["{{ not a }}", "can't stand here", /operator|!/],
    ["{{ “a” }}", "curly quotes", /straight quotes/],
    ["{{ input.count } }", "can't stand here", /two braces/],
    ["{{ lenght(input) }}", "no function `lenght`. Did you mean `length`?", /^$/],
    ["{{ input.message.trimm() }}", "no method `trimm`. Did you mean `trim`?", /^$/],
    ["{{ Math.round(1.5) }}", "global objects are not available", /round\(x\)/],
    ["{{ input.tags.map(input.count) }}", "takes a function", /map\(item => …\)/],
    ["{{ input.user.trim() }}", "an object has no method `trim`", /keys\(\)/],
    ["{{ input.message.trim }}", "is a method", /trim\(\)/],
    ["{{ input.missing * 2 }}", "there is no value", /default\(value, 0\)/],
    ["{{ 'abc' * 2 }}", 'the text "abc"', /number\(value, fallback\)/],
    ["{{ input.user + 1 }}", "an object", /number\(/],
    ["{{ 1 / 0 }}", "not a finite number", /division by zero/],
    ["{{ input.tags.join(1, 2) }}", "takes 0 to 1 arguments, but here are 2", /join\(separator\?\)/],
    ["{{ a & b }}", "`&` can't be used", /&&/],
    ["{{ /a+/ }}", "regular expressions", /extract node/],
    ["{{ x => 1 }}", "only as the argument", /map\(item/],
    ["{{ 'a' in input.tags }}", "has a field", /includes/],
  ])("of %s says what and how to mend it", (source, message, hint) => {
    const error = failure(() => evaluate(source));
    expect(error.code).toBe("expression_failed");
    expect(error.message).toContain(message);
    expect(error.hint ?? "").toMatch(hint);
  });

  test("says where, counted in the whole template", () => {
    const source = "Dear {{ input.user.name }}, {{ input.missing + 1 }}";
    const error = failure(() => evaluate(source));
    expect(source.slice(error.details!["start"] as number, error.details!["end"] as number)).toBe("input.missing + 1");
    expect(error.message).toContain("`input.missing + 1`");
  });

  test("inside a function points at the innermost part", () => {
    const source = "{{ input.tags.map(tag => tag.trim() + (tag - 1)) }}";
    const error = failure(() => evaluate(source));
    expect(source.slice(error.details!["start"] as number, error.details!["end"] as number)).toBe("tag - 1");
  });
});
