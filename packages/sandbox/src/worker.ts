import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import variant from "@jitl/quickjs-ng-wasmfile-release-sync";
import { newQuickJSWASMModuleFromVariant, newVariant, type QuickJSWASMModule } from "quickjs-emscripten-core";
import type { ProcessMessage, RunMessage, RunReport } from "./protocol.ts";
import { type FinishedRun, runCode } from "./run-code.ts";

/**
 * The program of a sandbox process. It serves one workspace, one run at a time, and expects to be killed at any moment.
 * The engine's memory is capped by WebAssembly itself: the engine's own limit alone does not hold.
 */
const WASM_PAGES_PER_MB = 16;
const INITIAL_PAGES = 256;
/** Hygiene: an instance's memory only ever grows. */
const RUNS_PER_INSTANCE = 200;
/** The engine grows its memory in steps of a fifth. */
const NEARLY_FULL = 0.75;

const wasm = await WebAssembly.compile(readFileSync(createRequire(import.meta.url).resolve("@jitl/quickjs-ng-wasmfile-release-sync/wasm")));

/** The engine with its own memory. */
interface Instance {
  module: QuickJSWASMModule;
  memory: WebAssembly.Memory;
  memoryMb: number;
  runs: number;
}
let instance: Instance | undefined;

async function instanceFor(memoryMb: number): Promise<Instance> {
  if (instance?.memoryMb !== memoryMb || instance.runs >= RUNS_PER_INSTANCE) {
    const memory = new WebAssembly.Memory({ initial: INITIAL_PAGES, maximum: memoryMb * WASM_PAGES_PER_MB });
    const module = await newQuickJSWASMModuleFromVariant(newVariant(variant, { wasmModule: wasm, wasmMemory: memory }));
    instance = { module, memory, memoryMb, runs: 0 };
  }
  instance.runs++;
  return instance;
}

async function run(message: RunMessage): Promise<RunReport> {
  const { module, memory } = await instanceFor(message.memoryMb);
  let finished: FinishedRun;
  try {
    finished = runCode(module, message);
  } catch (error) {
    finished = { report: crashReport(error), isReusable: false };
  }
  const { report, isReusable } = finished;
  if (!isReusable) instance = undefined;
  // Where no memory is left for an error object, the engine throws null.
  const isFull = memory.buffer.byteLength > message.memoryMb * 1024 * 1024 * NEARLY_FULL;
  return report.status === "failed" && report.message === "null" && isFull ? { status: "out-of-memory" } : report;
}

/** What escapes from the engine is its own failure: out of stack, out of memory, or a fault. */
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
  return { status: /memory|OOM/.test(message) ? "out-of-memory" : "crashed" };
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
