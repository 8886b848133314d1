import { HeddleError } from "@heddle/schema";
import { afterEach, describe, expect, test } from "vitest";
import { checkTemplate } from "./check-template.ts";
import { compileTemplate } from "./compile-template.ts";
import { completionsAt } from "./completions.ts";
import { findReferences } from "./references.ts";

/**
 * Ways out of expression sandboxes as they were published for n8n, vm2, AngularJS, Handlebars, Jinja-like engines and
 * others, and variations of them. Each must end in an error or in harmless data.
 */
const ESCAPES = [
  // through constructors
  "''.constructor.constructor('return process')()",
  "[].constructor.constructor('canary()')()",
  "(() => {}).constructor('canary()')()",
  "(x => x).constructor('canary()')()",
  "input.constructor.constructor('canary()')()",
  "input['constructor']['constructor']('canary()')()",
  "input['const' + 'ructor']",
  "input[`con${'structor'}`]",
  "input['constructor '.trim()]",
  "input[['constructor']]",
  "input[['constructor'][0]]",
  "input[{ toString: () => 'constructor' }]",
  "input[{ toString: 'constructor' }]",
  "['constructor'].map(key => input[key])",
  "'a'.sub.constructor",
  "(0).constructor.constructor('canary()')()",
  "true['constructor']",
  "input\\u002econstructor",
  "input.\\u0063onstructor",
  "input['\\x63onstructor']",
  "({}).constructor.defineProperty(input, 'x', {})",
  "input?.constructor?.constructor?.('canary()')",
  "input.tags.constructor.from('abc')",
  // through prototypes
  "input.__proto__",
  "input['__proto__'].polluted = 1",
  "({ __proto__: { polluted: 1 } }).polluted",
  "({ ['__proto__']: { polluted: 1 } }).polluted",
  "({ '__proto__': input })",
  '({ ...parseJson(\'{"__proto__": {"polluted": 1}}\') }).polluted',
  'parseJson(\'{"__proto__": {"polluted": 1}}\').polluted',
  'parseJson(\'{"constructor": {"prototype": {"polluted": 1}}}\').constructor',
  "input.prototype",
  "[].__proto__.map",
  "input.__defineGetter__('x', x => x)",
  "input.__defineSetter__('x', x => x)",
  "input.__lookupGetter__('__proto__')",
  "input.hasOwnProperty('x')",
  "input.valueOf()",
  "input.toString()",
  "input.isPrototypeOf(input)",
  "input.toLocaleString()",
  "input.propertyIsEnumerable('x')",
  // through functions
  "input.tags.map.call(input, x => x)",
  "input.tags.map.constructor('canary()')()",
  "''.trim.apply(null, [])",
  "''.trim.bind(input)()",
  "length.constructor('canary()')()",
  "keys.call(null, input)",
  "json['constructor']",
  "(length)(input)",
  "[length][0](input)",
  "[].map((() => canary()))",
  "input.tags.map(function () { return this })",
  "input.tags.map(async () => 1)",
  "input.tags.map(() => { canary() })",
  "input.tags.map(item => canary())",
  "input.tags.map(arguments => arguments.callee)",
  "input.tags.map((item = canary()) => item)",
  "input.tags.map(({ constructor }) => constructor('canary()'))",
  "input.tags.map(({ ['constructor']: c }) => c)",
  "input.tags.map(({ ...rest }) => rest.constructor)",
  "input.tags.map((...rest) => rest)",
  "input.tags.reduce((a, b) => a.constructor, '')",
  "input.tags.filter(item => item.constructor.constructor)",
  "input.tags.sort((a, b) => a.constructor)",
  "[x => x]",
  "({ f: x => x }).f()",
  "input.tags.concat(x => x)[0].constructor",
  "default(x => x, 1)",
  "input.tags.reduce(x => x, y => y)",
  // through globals
  "process.mainModule.require('child_process').execSync('id')",
  "globalThis.canary()",
  "window.canary()",
  "global['process']",
  "require('fs')",
  "import('fs')",
  "import.meta.url",
  "this.constructor.constructor('canary()')()",
  "this",
  "new Function('canary()')()",
  "Function('canary()')()",
  "eval('canary()')",
  "new (class { constructor() { canary() } })",
  "new.target",
  "super.constructor",
  "Reflect.construct(Object, [])",
  "Object.getPrototypeOf(input)",
  "Object.assign(input, { x: 1 })",
  "new Proxy(input, {})",
  "Symbol.iterator",
  "input[Symbol.toPrimitive]",
  "WebAssembly.compile('')",
  "setTimeout('canary()', 0)",
  "fetch('http://127.0.0.1')",
  "console.log(1)",
  "$json",
  "$node",
  "$env.SECRET",
  "$$",
  "_",
  // through syntax
  "input`canary`",
  "''.trim`x`",
  "`${canary()}`",
  "({ get x() { return canary() } }).x",
  "({ set x(v) { canary() } })",
  "({ toString() { return 'constructor' } })",
  "({ async *x() {} })",
  "input.count = 1",
  "input.count++",
  "--input.count",
  "delete input.count",
  "void 0",
  "(1, canary())",
  "(input, input).constructor",
  "async () => await 1",
  "function* () {}",
  "class {}",
  "/(a+)+$/.test('aaaa')",
  "1n",
  "#x in input",
  "input.#x",
  "[input.count] = [1]",
  "{ input } = 1",
  "a ||= b",
  "a ??= canary()",
  "input instanceof Object",
  "a ~ b",
  "~1",
  "1 << 2",
  "debugger",
  "yield 1",
  "let x = 1",
  "if (1) canary()",
  "throw canary()",
  "while (1);",
  "for (;;);",
  "label: 1",
  "with (input) x",
  "...input",
  "[...input]",
  "[...'abc']",
  "input.tags.join(...input.tags)",
  "max(...input.tags)",
  // through methods that turn texts into code or patterns
  "'x'.replace('x', () => canary())",
  "'x'.replace(/x/, 'y')",
  "'x'.match('x')",
  "'x'.matchAll('x')",
  "'x'.search('x')",
  "'a'.anchor('x')",
  "'x'.link('javascript:canary()')",
  "'x'.normalize.call('x')",
  "'x'.localeCompare('y')",
  "[].copyWithin(0)",
  "[].fill(input)",
  "input.tags.push(1)",
  "input.tags.splice(0)",
  "input.tags.entries().next",
  "input.tags.keys()",
  "input.tags[Symbol.iterator]",
  "input.tags.with(0, 1)",
  "input.tags.at.constructor",
  // hidden in nesting and comments
  "{{ canary() }}",
  "}}{{ canary() }}",
  "/* */ canary() /* */",
  "// }}\ncanary()",
  "<!-- canary()",
  "input.x--> canary()",
  "input.a.b.c.d.constructor",
  "(((((input)))))['__proto__']",
  "(input ?? input).constructor",
  "[input][0].constructor",
  "({ input }).input.constructor",
];

const canary = { calls: 0 };
const scope = Object.freeze({
  input: Object.freeze({ count: 1, tags: Object.freeze(["a", "b"]), message: "{{ canary() }}" }),
  // The worst case: someone put living code into the scope. It must not be callable, nor a way out.
  canary: () => {
    canary.calls += 1;
    return "called";
  },
  host: new Map([["key", "value"]]),
});

afterEach(() => {
  expect(canary.calls).toBe(0);
  expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  expect(scope.input.count).toBe(1);
});

describe("nothing escapes by", () => {
  test.each(ESCAPES)("%s", (source) => {
    for (const template of [`{{ ${source} }}`, `text {{ ${source} }} text`, `{{${source}}}`]) {
      let value: unknown;
      try {
        value = compileTemplate(template).evaluate(scope);
      } catch (error) {
        expect(error).toBeInstanceOf(HeddleError);
        expect((error as HeddleError).code).toBe("expression_failed");
        continue;
      }
      expectPlain(value);
    }
  });

  test.each(ESCAPES)("checking %s", (source) => {
    const template = `{{ ${source} }}`;
    expect(() => checkTemplate(template, { type: "object", properties: { input: {} }, additionalProperties: false })).not.toThrow();
    expect(() => findReferences(template)).not.toThrow();
    expect(() => completionsAt(template, template.length - 3, {})).not.toThrow();
  });

  test("living code in the scope, which is neither called nor read", () => {
    expect(compileTemplate("{{ canary.name }}{{ host.size }}{{ host.key }}").evaluate(scope)).toBe("");
    expect(() => compileTemplate("{{ canary() }}").evaluate(scope)).toThrow(HeddleError);
    expect(() => compileTemplate("{{ host.get('key') }}").evaluate(scope)).toThrow(HeddleError);
  });

  test.each(["constructor", "prototype", "__proto__"])("the key %s, even where the data has such a field of its own", (key) => {
    const input = JSON.parse(`{"${key}": "own", "key": "${key}"}`) as unknown;
    for (const source of [
      `input.${key}`,
      `input["${key}"]`,
      "input[input.key]",
      `"${key}" in input`,
      `({ ${key}: 1 })`,
      "({ [input.key]: 1 })",
      `[input].map(({ ${key} }) => 1)`,
    ]) {
      expect(() => compileTemplate(`{{ ${source} }}`).evaluate({ input }), source).toThrow("can't be used in expressions");
    }
    expect(compileTemplate("{{ json(input) }}").evaluate({ input })).toBe(JSON.stringify(input));
    expect(Object.getPrototypeOf(compileTemplate("{{ ({ ...input }) }}").evaluate({ input }))).toBe(Object.prototype);
  });

  test("fields that only a prototype has", () => {
    const inherited = { input: Object.create({ secret: "of the prototype" }) as unknown };
    expect(compileTemplate("{{ input.secret }}").evaluate(inherited)).toBeUndefined();
    expect(compileTemplate("{{ secret }}").evaluate(Object.create({ secret: 1 }) as Record<string, unknown>)).toBeUndefined();
    expect(compileTemplate("{{ toString }}{{ hasOwnProperty }}").evaluate({})).toBe("");
  });
});

/** Only data may come out: no function, no host object, no changed prototype. */
function expectPlain(value: unknown): void {
  if (typeof value === "object" && value !== null) {
    expect([Object.prototype, Array.prototype]).toContain(Object.getPrototypeOf(value));
    for (const key of Reflect.ownKeys(value))
      if (key !== "length" || !Array.isArray(value)) expectPlain((value as Record<PropertyKey, unknown>)[key]);
    return;
  }
  expect(["string", "number", "boolean", "undefined", "object"]).toContain(typeof value);
  if (typeof value === "string") expect(value).not.toContain("called");
}
