import { stripTypeScriptTypes } from "node:module";
import {
  type QuickJSContext,
  type QuickJSHandle,
  type QuickJSRuntime,
  type QuickJSWASMModule,
  shouldInterruptAfterDeadline,
} from "quickjs-emscripten-core";
import { HARNESS, LINES_BEFORE, wrapSource } from "./harness.ts";
import type { RunMessage, RunReport } from "./protocol.ts";

/** Below the engine's own stack, so that deep recursion is an error inside instead of one of the host. */
const MAX_STACK_BYTES = 256 * 1024;
/** What the engine itself needs of the memory cap; beyond it allocations fail in good order. */
const RESERVED_MB = 6;

/** What a run came to, and whether the module may serve another. */
export interface FinishedRun {
  report: RunReport;
  isReusable: boolean;
}

/** Runs one piece of code in a fresh context of the module. Throws where the engine broke. */
export function runCode(module: QuickJSWASMModule, message: RunMessage): FinishedRun {
  let code = wrapSource(message.source);
  if (message.language === "typescript") {
    try {
      code = stripTypeScriptTypes(code, { mode: "strip" });
    } catch (error) {
      return { report: typeScriptError(error, message.source), isReusable: true };
    }
  }
  const deadline = Date.now() + message.timeoutMs;
  const runtime = module.newRuntime();
  runtime.setMemoryLimit((message.memoryMb - RESERVED_MB) * 1024 * 1024);
  runtime.setMaxStackSize(MAX_STACK_BYTES);
  runtime.setInterruptHandler(shouldInterruptAfterDeadline(deadline));
  const context = runtime.newContext();
  const report = evaluate(context, runtime, code, message);
  // Not in a finally: after a crash of the engine nothing in it may be touched again.
  try {
    context.dispose();
    runtime.dispose();
  } catch {
    // Seen with long concatenated strings: the engine gives the right answer and then trips over its own bookkeeping.
    return { report, isReusable: false };
  }
  // An instance that saw an error is not trusted with the next run.
  return { report, isReusable: report.status === "completed" };
}

function evaluate(context: QuickJSContext, runtime: QuickJSRuntime, code: string, message: RunMessage): RunReport {
  const invoke = context.unwrapResult(context.evalCode(HARNESS, "heddle.js"));
  const main = context.evalCode(code, "code.js");
  if (main.error) {
    invoke.dispose();
    return engineError(context, main.error, message.source);
  }
  const input = context.newString(message.input);
  const limit = context.newNumber(message.maxResultLength);
  const called = context.callFunction(invoke, context.undefined, main.value, input, limit);
  for (const handle of [invoke, main.value, input, limit]) handle.dispose();
  if (called.error) return engineError(context, called.error, message.source);
  const promise = called.value;
  try {
    const jobs = runtime.executePendingJobs();
    if (jobs.error) return engineError(context, jobs.error, message.source);
    jobs.dispose();
    const state = context.getPromiseState(promise);
    if (state.type === "pending") {
      return {
        status: "failed",
        name: "Error",
        message: "The code waits for something that never happens.",
        hint: "There are no timers and no network here; only await what the code itself resolves.",
        logs: [],
      };
    }
    if (state.type === "rejected") return engineError(context, state.error, message.source);
    const result = context.getString(state.value);
    if (state.value !== promise) state.value.dispose();
    return fromHarness(result, message.source);
  } finally {
    promise.dispose();
  }
}

/** Tells the harness's three answers apart; a completed one stays text, and is parsed outside. */
function fromHarness(result: string, source: string): RunReport {
  if (result === '{"tooLarge":true}') return { status: "too-large" };
  if (!result.startsWith('{"error":')) return { status: "completed", result };
  const { error, logs } = JSON.parse(result) as { error: { name: string; message: string; stack: string }; logs: string[] };
  return describe(error, source, logs);
}

/** Errors that the harness could not catch: of syntax, of the deadline, of memory. */
function engineError(context: QuickJSContext, handle: QuickJSHandle, source: string): RunReport {
  const error = context.dump(handle) as { name?: unknown; message?: unknown; stack?: unknown } | undefined;
  handle.dispose();
  return describe(
    { name: String(error?.name ?? "Error"), message: String(error?.message ?? "unknown error"), stack: String(error?.stack ?? "") },
    source,
    [],
  );
}

function describe({ name, message, stack }: { name: string; message: string; stack: string }, source: string, logs: string[]): RunReport {
  if (name === "InternalError" && message === "interrupted") return { status: "timed-out" };
  if (name === "InternalError" && message === "out of memory") return { status: "out-of-memory" };
  const found = /code\.js:(\d+)/.exec(stack)?.[1];
  const line = found === undefined ? undefined : Math.min(Math.max(Number(found) - LINES_BEFORE, 1), source.split("\n").length);
  const hint = name === "SyntaxError" && /^\s*import\b/m.test(source) ? "Other modules can't be imported here." : undefined;
  return { status: "failed", name, message, logs, ...(line === undefined ? {} : { line }), ...(hint === undefined ? {} : { hint }) };
}

/** Node puts `:line` on the first line of the stack, and what is wrong in the message. */
function typeScriptError(error: unknown, source: string): RunReport {
  const { message, stack, code } = error as { message: string; stack?: string; code?: string };
  const line = /^:(\d+)$/m.exec(stack ?? "")?.[1];
  const report = describe({ name: "SyntaxError", message, stack: line === undefined ? "" : `code.js:${line}` }, source, []);
  if (report.status !== "failed" || code !== "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX") return report;
  return { ...report, hint: "Types are removed, not compiled: enums, namespaces and parameter properties can't be used." };
}
