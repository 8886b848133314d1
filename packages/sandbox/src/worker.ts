import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import variant from "@jitl/quickjs-ng-wasmfile-release-sync";
import { newQuickJSWASMModuleFromVariant, newVariant, type QuickJSWASMModule } from "quickjs-emscripten-core";
import type { ProcessMessage, RunMessage, RunReport } from "./protocol.ts";
import { runCode } from "./run-code.ts";

/**
 * The program of a sandbox process. It serves one workspace, one run at a time, and expects to be killed at any moment.
 * The engine's memory is capped by WebAssembly itself: the engine's own limit alone does not hold.
 */
const WASM_PAGES_PER_MB = 16;
const INITIAL_PAGES = 256;
/** Hygiene: an instance's memory only ever grows. */
const RUNS_PER_INSTANCE = 200;

const wasm = await WebAssembly.compile(readFileSync(createRequire(import.meta.url).resolve("@jitl/quickjs-ng-wasmfile-release-sync/wasm")));
let instance: { module: QuickJSWASMModule; memoryMb: number; runs: number } | undefined;

async function instanceFor(memoryMb: number): Promise<QuickJSWASMModule> {
  if (instance?.memoryMb !== memoryMb || instance.runs >= RUNS_PER_INSTANCE) {
    const wasmMemory = new WebAssembly.Memory({ initial: INITIAL_PAGES, maximum: memoryMb * WASM_PAGES_PER_MB });
    instance = { module: await newQuickJSWASMModuleFromVariant(newVariant(variant, { wasmModule: wasm, wasmMemory })), memoryMb, runs: 0 };
  }
  instance.runs++;
  return instance.module;
}

async function run(message: RunMessage): Promise<RunReport> {
  const module = await instanceFor(message.memoryMb);
  let report: RunReport;
  try {
    report = runCode(module, message);
  } catch (error) {
    report = crashReport(error);
  }
  // An instance that saw an error is not trusted with the next run.
  if (report.status !== "completed") instance = undefined;
  return report;
}

/** What escapes from the engine is its own failure: out of stack, out of memory. */
function crashReport(error: unknown): RunReport {
  const message = String(error);
  if (/call stack|stack overflow/i.test(message)) {
    return {
      status: "failed",
      name: "RangeError",
      message: "Maximum call stack size exceeded",
      hint: "A function calls itself without end.",
      logs: [],
    };
  }
  return { status: "out-of-memory" };
}

function send(message: ProcessMessage): void {
  process.send?.(message);
}

process.on("disconnect", () => process.exit());
process.on("message", (message: RunMessage) => {
  void run(message).then((report) => send({ type: "report", id: message.id, report }));
});
await instanceFor(64);
send({ type: "ready" });
