/** A function in WebAssembly's text format: 32-bit whole numbers in, nothing out. */
export interface WasmFunction {
  name: string;
  parameters: readonly string[];
  locals: readonly { name: string; type: "i32" | "v128" }[];
  /** Instructions one after another, without brackets, as `wat2wasm` would take them. */
  body: string;
}

/** What follows the name of an instruction in the text. */
type Operand = "none" | "local" | "label" | "number" | "offset" | "lane";

/** Opcodes, for the instructions that are used here: https://webassembly.github.io/spec/core/appendix/index-instructions.html */
const INSTRUCTIONS: Record<string, { opcode: number[]; operand: Operand } | undefined> = {
  loop: { opcode: [0x03], operand: "label" },
  end: { opcode: [0x0b], operand: "none" },
  br_if: { opcode: [0x0d], operand: "label" },
  "local.get": { opcode: [0x20], operand: "local" },
  "local.set": { opcode: [0x21], operand: "local" },
  "local.tee": { opcode: [0x22], operand: "local" },
  "i32.const": { opcode: [0x41], operand: "number" },
  "i32.lt_u": { opcode: [0x49], operand: "none" },
  "i32.add": { opcode: [0x6a], operand: "none" },
  "i32.store": { opcode: [0x36], operand: "offset" },
  "f32.add": { opcode: [0x92], operand: "none" },
  "f32.store": { opcode: [0x38], operand: "offset" },
  "v128.load": { opcode: [0xfd, 0x00], operand: "offset" },
  "v128.load8x8_s": { opcode: [0xfd, 0x01], operand: "offset" },
  "i32x4.splat": { opcode: [0xfd, 0x11], operand: "none" },
  "i32x4.extract_lane": { opcode: [0xfd, 0x1b], operand: "lane" },
  "i32x4.add": { opcode: [0xfd, 0xae, 0x01], operand: "none" },
  "i32x4.dot_i16x8_s": { opcode: [0xfd, 0xba, 0x01], operand: "none" },
  "f32x4.extract_lane": { opcode: [0xfd, 0x1f], operand: "lane" },
  "f32x4.add": { opcode: [0xfd, 0xe4, 0x01], operand: "none" },
  "f32x4.mul": { opcode: [0xfd, 0xe6, 0x01], operand: "none" },
};
const TYPES = { i32: 0x7f, v128: 0x7b };
const NO_RESULT = 0x40;
const ANY_ALIGNMENT = 0;
const MAGIC_AND_VERSION = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

/**
 * Assembles functions that share one memory, which is to be imported as `memory` from `host`.
 * The format: https://webassembly.github.io/spec/core/binary/modules.html
 * @throws SyntaxError for an instruction that is not listed here, and for an unknown name
 */
export function assembleWasm(functions: readonly WasmFunction[]): Uint8Array<ArrayBuffer> {
  const types = functions.map(({ parameters }) => [0x60, ...vector(parameters.map(() => [TYPES.i32])), ...vector([])]);
  const memory = [...text("host"), ...text("memory"), 0x02, 0x00, ...unsigned(1)];
  return Uint8Array.from([
    ...MAGIC_AND_VERSION,
    ...section(1, types),
    ...section(2, [memory]),
    ...section(
      3,
      functions.map((_, index) => unsigned(index)),
    ),
    ...section(
      7,
      functions.map(({ name }, index) => [...text(name), 0x00, ...unsigned(index)]),
    ),
    ...section(10, functions.map(code)),
  ]);
}

function code({ parameters, locals, body }: WasmFunction): number[] {
  const names = [...parameters, ...locals.map(({ name }) => name)];
  const labels: string[] = [];
  const words = body.split(/\s+/).filter(Boolean).values();
  const bytes = vector(locals.map(({ type }) => [0x01, TYPES[type]]));
  const operandBytes = (operand: Operand, instruction: string): number[] => {
    if (operand === "none") {
      if (instruction === "end") labels.pop();
      return [];
    }
    const word: string = words.next().value ?? "";
    if (operand === "local") return unsigned(known(names.indexOf(word), word));
    if (operand === "lane") return [Number(word)];
    if (operand === "number") return signed(Number(word));
    if (operand === "offset") return [ANY_ALIGNMENT, ...unsigned(Number(word.replace("offset=", "")))];
    if (instruction === "br_if") return unsigned(labels.length - 1 - known(labels.lastIndexOf(word), word));
    labels.push(word);
    return [NO_RESULT];
  };
  for (const word of words) {
    const instruction = INSTRUCTIONS[word];
    if (instruction === undefined) throw new SyntaxError(`${word} is no instruction that is known here`);
    bytes.push(...instruction.opcode, ...operandBytes(instruction.operand, word));
  }
  bytes.push(0x0b);
  return [...unsigned(bytes.length), ...bytes];
}

function known(index: number, name: string): number {
  if (index === -1) throw new SyntaxError(`Nothing is named ${name}`);
  return index;
}

function section(id: number, parts: readonly number[][]): number[] {
  const content = vector(parts);
  return [id, ...unsigned(content.length), ...content];
}

function vector(parts: readonly number[][]): number[] {
  return [...unsigned(parts.length), ...parts.flat()];
}

function text(value: string): number[] {
  const bytes = [...new TextEncoder().encode(value)];
  return [...unsigned(bytes.length), ...bytes];
}

/** LEB128: seven bits a byte, the lowest first. */
function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

/** LEB128 of a number that may be negative: the last byte's second highest bit is its sign. */
function signed(value: number): number[] {
  return value >= -0x40 && value < 0x40 ? [value & 0x7f] : [(value & 0x7f) | 0x80, ...signed(value >> 7)];
}
