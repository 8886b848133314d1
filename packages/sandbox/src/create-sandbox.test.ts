import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { CodeRequest } from "@heddle/node-kit";
import { HeddleError, type Json } from "@heddle/schema";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { createSandbox, type Sandbox } from "./create-sandbox.ts";
import { SANDBOX_ARGUMENTS } from "./sandbox-process.ts";

const sandbox = createSandbox({ maxProcesses: 2 });
afterAll(() => sandbox.close());
const code = sandbox.forWorkspace("tenant-a");

const run = (source: string, more: Partial<CodeRequest> = {}) => code.run({ language: "javascript", source, input: null, ...more });
const value = async (source: string, input: Json = null): Promise<Json> => (await run(source, { input })).value;

async function failure(action: Promise<unknown>): Promise<HeddleError> {
  const error: unknown = await action.then(
    (result) => new Error(`did not fail: ${JSON.stringify(result)}`),
    (reason: unknown) => reason,
  );
  if (!(error instanceof HeddleError)) throw error;
  return error;
}

describe("code", () => {
  test("gets its input and returns a value", async () => {
    expect(await value("return { sum: input.a + input.b, list: [1, null, 'ä€😀'] }", { a: 1, b: 2 })).toEqual({
      sum: 3,
      list: [1, null, "ä€😀"],
    });
    expect(await value("const unused = 1")).toBeNull();
    expect(await value("return input // a comment at the end", "x")).toBe("x");
    expect(await value("return input.__proto__ === undefined ? 'own' : Object.keys(input)", JSON.parse('{"__proto__":1}') as Json)).toEqual(
      ["__proto__"],
    );
  });

  test("may await, and may be a script with a default export", async () => {
    expect(await value("const later = async (n) => n * 2; const [a, b] = await Promise.all([later(1), later(2)]); return a + b")).toBe(6);
    expect(await value("const factor = 3;\nexport default async function main(input) { return input * factor; }", 5)).toBe(15);
    expect(await value("export default { fixed: true }")).toEqual({ fixed: true });
  });

  test("may be TypeScript", async () => {
    const source =
      "interface Order { id: string; total: number }\nconst order = input as Order;\nconst twice = <T extends number>(n: T): number => n * 2;\nreturn twice(order.total);";
    expect((await run(source, { language: "typescript", input: { id: "a", total: 4 } })).value).toBe(8);
  });

  test("logs, within limits", async () => {
    const { logs } = await run("console.log('a', 1, { b: [2] }); console.error(new TypeError('no')); return 1");
    expect(logs).toEqual(['a 1 {"b":[2]}', "TypeError: no"]);
    const many = (await run("for (let i = 0; i < 1000; i++) console.log('x'.repeat(5000))")).logs;
    expect(many).toHaveLength(200);
    expect(Math.max(...many.map((line) => line.length))).toBe(2_000);
  });

  test.each([
    ["throw new TypeError('bad input')", "TypeError: bad input (line 1)"],
    ["\n\nconst a = 1;\na.b.c();", "TypeError: cannot read property 'c' of undefined (line 4)"],
    ["return 1;\n)", "SyntaxError: unexpected token in expression: ')' (line 2)"],
    ["missing()", "ReferenceError: missing is not defined (line 1)"],
    ["throw 'just text'", "Error: just text"],
    ["return Promise.reject(new RangeError('later'))", "RangeError: later (line 1)"],
    ["const a = {}; a.a = a; return a", "TypeError: circular reference"],
    ["return 1n", "TypeError: BigInt are forbidden in JSON.stringify"],
    ["(function again() { again() })()", "RangeError: Maximum call stack size exceeded (line 1)"],
    ["await new Promise(() => {})", "Error: The code waits for something that never happens."],
  ])("%j fails with its message and line", async (source, message) => {
    const error = await failure(run(source));
    expect({ code: error.code, retryable: error.retryable, message: error.message }).toEqual({
      code: "code_failed",
      retryable: false,
      message,
    });
  });

  test.each([
    ["enum A { B }", 1, "Types are removed"],
    ["const a = 1;\nconst b: = 2;", 2, undefined],
    ["import fs from 'fs';", 1, "Other modules can't be imported here."],
  ])("TypeScript %j is refused with its line", async (source, line, hint) => {
    const error = await failure(run(source, { language: "typescript" }));
    expect(error).toMatchObject({ code: "code_failed", details: { line } });
    if (hint !== undefined) expect(error.hint).toContain(hint);
  });

  test("keeps what was logged before an error", async () => {
    expect((await failure(run("console.log('so far'); null.x"))).details).toMatchObject({ line: 1, logs: ["so far"] });
  });

  test("starts each run with a clean world", async () => {
    await run("globalThis.leak = 1; Array.prototype.leak = 1; JSON.stringify = () => 'x'; Object.prototype.toJSON = undefined");
    expect(await value("return [typeof leak, [].leak ?? null, JSON.stringify({ a: 1 })]")).toEqual(["undefined", null, '{"a":1}']);
  });

  test("can't forge its result or its logs", async () => {
    expect((await failure(run('JSON.stringify = () => \'{"value":1,"logs":[7]}\'; return 1n'))).code).toBe("code_failed");
    expect(await run("Object.prototype.toJSON = () => 'mine'; return { a: 1 }")).toEqual({ value: "mine", logs: [] });
    expect((await run("Array.prototype.push = () => { throw 1 }; console.log('x'); return 1")).logs).toEqual(["x"]);
  });
});

describe("limits", () => {
  test.each([
    ["an endless loop", "for (;;);"],
    ["an endless chain of promises", "const again = () => { Promise.resolve().then(again) }; again(); await new Promise(() => {})"],
    ["a regular expression that explodes", "return /^(a+)+$/.test('a'.repeat(40) + 'b')"],
    ["a native call that never looks at the clock", "return 'a'.repeat(2e7).indexOf('a'.repeat(1e7) + 'b')"],
    ["a loop that catches everything", "for (;;) { try { for (;;); } catch {} finally { for (;;); } }"],
  ])("%s is stopped at the deadline", async (_name, source) => {
    const error = await failure(run(source, { timeoutMs: 300, memoryMb: 128 }));
    expect(error).toMatchObject({ code: "code_timeout", retryable: false, message: "The code did not finish within 0.3 s." });
    expect(await value("return 'well again'")).toBe("well again");
  });

  test.each([
    ["arrays", "const a = []; for (;;) a.push(new Array(1000).fill(1))"],
    ["strings", "const a = []; for (let i = 0; ; i++) a.push('x'.repeat(100000) + i)"],
    ["buffers", "const a = []; for (;;) a.push(new Uint8Array(1e6).fill(1))"],
    ["caught errors", "const a = []; for (;;) { try { a.push(new Uint8Array(1e6).fill(1)) } catch (e) { throw e } }"],
    ["objects", "let a = {}; for (;;) a = { a, b: {} }"],
  ])("a memory bomb of %s stays within its cap", async (_name, source) => {
    expect(await failure(run(source, { memoryMb: 48, timeoutMs: 10_000 }))).toMatchObject({
      code: "code_out_of_memory",
      message: "The code used more than 48 MB of memory.",
    });
    expect(await value("return 'well again'")).toBe("well again");
  });

  test("memory within the cap may be used", async () => {
    expect((await run("return new Uint8Array(60e6).fill(1).length", { memoryMb: 128 })).value).toBe(60e6);
  });

  test("a value above the size limit is refused", async () => {
    expect((await failure(run("return 'x'.repeat(11 * 1024 * 1024)", { memoryMb: 128 }))).code).toBe("value_too_large");
    expect((await run("return 'x'.repeat(9 * 1024 * 1024)", { memoryMb: 128 })).value).toHaveLength(9 * 1024 * 1024);
    expect((await run("return 'x'.repeat(4 * 1024 * 1024)")).value).toHaveLength(4 * 1024 * 1024);
  });

  test("a cancelled run ends at once, with the run's own reason", async () => {
    await value("return 1");
    const controller = new AbortController();
    const reason = new HeddleError("run_cancelled", "Stop.");
    setTimeout(() => controller.abort(reason), 50);
    await expect(run("for (;;);", { signal: controller.signal, timeoutMs: 10_000 })).rejects.toBe(reason);
    await expect(run("return 1", { signal: controller.signal })).rejects.toBe(reason);
  });
});

describe("escape", () => {
  test("nothing of the host is in scope", async () => {
    const names = [
      "process",
      "require",
      "module",
      "fetch",
      "XMLHttpRequest",
      "WebAssembly",
      "setTimeout",
      "setInterval",
      "Worker",
      "Deno",
      "Bun",
      "std",
      "os",
      "scriptArgs",
      "navigator",
      "print",
    ];
    expect(await value(`return ${JSON.stringify(names)}.filter((name) => name in globalThis)`)).toEqual(
      ["performance"].filter(() => false),
    );
  });

  /** Published ways out of JavaScript sandboxes; each looks for a host object. */
  const REACHES = [
    "this.constructor.constructor('return typeof process')()",
    "Function('return typeof process')()",
    "(async () => {}).constructor('return typeof process')()",
    "(function* () {}).constructor('return typeof process')().next().value",
    "console.log.constructor('return typeof process')()",
    "Object.getPrototypeOf(console.log).constructor('return typeof process')()",
    "eval('typeof process')",
    "(0, eval)('typeof require')",
    "new Proxy(console.log, {}).constructor('return typeof process')()",
    "Reflect.construct(Function, ['return typeof process'])()",
    "Error.prepareStackTrace = (error, frames) => typeof frames?.[0]?.getThis?.()?.process; new Error().stack; typeof globalThis.process",
    "Object.getOwnPropertyNames(globalThis).some((name) => /process|require|child/i.test(name)) ? 'object' : 'undefined'",
    "arguments.callee.caller?.constructor?.('return typeof process')() ?? 'undefined'",
    "[].constructor.constructor.constructor('return typeof process')()",
  ];
  test.each(REACHES)("%s finds nothing", async (expression) => {
    const result = await run(`return await (${expression.includes(";") ? `eval(${JSON.stringify(expression)})` : expression})`).then(
      (done) => done.value,
      (error: unknown) => (error as HeddleError).code,
    );
    expect(["undefined", "code_failed"]).toContain(result);
  });

  test.each([
    "import('fs')",
    "import('node:child_process')",
    "import('./worker.ts')",
    "import('/etc/passwd')",
    "import('data:text/javascript,export default 1')",
  ])("%s loads nothing", async (expression) => {
    expect((await failure(run(`return await ${expression}`))).code).toBe("code_failed");
  });

  test("closing the wrapping function early gains nothing", async () => {
    expect(await value("return 1 }), (async (input) => { return typeof process")).toBe("undefined");
  });

  test("should the engine itself break, the process still may do nothing", async () => {
    const script = `
      const has = (...args) => process.permission.has(...args);
      console.log(JSON.stringify({
        environment: Object.keys(process.env),
        passwd: has("fs.read", "/etc/passwd"), home: has("fs.read", process.execPath), write: has("fs.write", "/tmp"),
        child: has("child"), worker: has("worker"), addons: (() => { try { process.dlopen({ exports: {} }, "/x.node"); return true } catch (error) { return error.code } })(),
      }));`;
    const { stdout } = await promisify(execFile)(process.execPath, [...SANDBOX_ARGUMENTS, "-e", script], { env: {}, cwd: "/" });
    expect(JSON.parse(stdout)).toEqual({
      environment: [],
      passwd: false,
      home: false,
      write: false,
      child: false,
      worker: false,
      addons: "ERR_DLOPEN_DISABLED",
    });
  });
});

describe("the pool", () => {
  const open: Sandbox[] = [];
  const pool = (options: Parameters<typeof createSandbox>[0]): Sandbox => {
    const created = createSandbox(options);
    open.push(created);
    return created;
  };
  afterEach(() => open.splice(0).forEach((each) => each.close()));
  const quick = { language: "javascript", source: "return 1", input: null } as const;
  const endless = { language: "javascript", source: "for (;;);", input: null, timeoutMs: 400 } as const;

  test("a process is used again by its workspace and never by another", async () => {
    const pooled = pool({ maxProcesses: 3 });
    await pooled.forWorkspace("a").run(quick);
    await pooled.forWorkspace("a").run(quick);
    expect(pooled.processes).toBe(1);
    await pooled.forWorkspace("b").run(quick);
    expect(pooled.processes).toBe(2);
  });

  test("at the cap, an idle process of another workspace makes room", async () => {
    const pooled = pool({ maxProcesses: 1 });
    for (const workspace of ["a", "b", "a", "c"]) expect((await pooled.forWorkspace(workspace).run(quick)).value).toBe(1);
    expect(pooled.processes).toBe(1);
  });

  test("workspaces take turns when there is a queue", async () => {
    const pooled = pool({ maxProcesses: 1 });
    const order: string[] = [];
    const a = pooled.forWorkspace("a");
    const many = Array.from({ length: 6 }, () => a.run(quick).then(() => order.push("a")));
    const one = pooled
      .forWorkspace("b")
      .run(quick)
      .then(() => order.push("b"));
    await Promise.all([...many, one]);
    expect(order.indexOf("b")).toBeLessThanOrEqual(2);
  });

  test("runs beside each other up to the cap, then one after another", async () => {
    const pooled = pool({ maxProcesses: 2 });
    const results = await Promise.allSettled(Array.from({ length: 4 }, () => pooled.forWorkspace("a").run(endless)));
    expect(results.map((result) => (result.status === "rejected" ? (result.reason as HeddleError).code : "done"))).toEqual(
      Array(4).fill("code_timeout"),
    );
    expect(pooled.processes).toBeLessThanOrEqual(2);
  });

  test("who gives up while waiting leaves the queue", async () => {
    const pooled = pool({ maxProcesses: 1 });
    const controller = new AbortController();
    const running = pooled
      .forWorkspace("a")
      .run(endless)
      .catch(() => {});
    const queued = pooled.forWorkspace("b").run({ ...quick, signal: controller.signal });
    controller.abort(new HeddleError("run_cancelled", "Stop."));
    expect((await failure(queued)).code).toBe("run_cancelled");
    await running;
    expect((await pooled.forWorkspace("c").run(quick)).value).toBe(1);
  });

  test("idle processes end by themselves", async () => {
    const pooled = pool({ idleMs: 20 });
    await pooled.forWorkspace("a").run(quick);
    await expect.poll(() => pooled.processes).toBe(0);
    expect((await pooled.forWorkspace("a").run(quick)).value).toBe(1);
  });

  test("closing ends what runs and refuses what comes", async () => {
    const pooled = pool({ maxProcesses: 1 });
    const port = pooled.forWorkspace("a");
    await port.run(quick);
    const running = failure(port.run({ ...endless, timeoutMs: 10_000 }));
    const queued = failure(port.run(quick));
    await new Promise((resolve) => setTimeout(resolve, 50));
    pooled.close();
    expect((await queued).code).toBe("unavailable");
    expect((await running).code).toBe("unavailable");
    expect((await failure(port.run(quick))).code).toBe("unavailable");
  });
});
