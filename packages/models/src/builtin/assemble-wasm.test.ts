import { expect, test } from "vitest";
import { assembleWasm } from "./assemble-wasm.ts";

/** Runs a function that was assembled and returns the memory's first numbers. */
function run(body: string, ...input: number[]): Int32Array {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const code = assembleWasm([{ name: "run", parameters: ["$first", "$second"], locals: [{ name: "$place", type: "i32" }], body }]);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(code), { host: { memory } });
  (exports["run"] as (...numbers: number[]) => void)(...input);
  return new Int32Array(memory.buffer, 0, 4);
}

test("writes whole numbers of any size", () => {
  for (const number of [0, 1, 63, 64, 127, 128, 300, 70_000, 2 ** 31 - 1, -1, -64, -65, -300, -(2 ** 31)])
    expect(run(`i32.const 0  i32.const ${number}  i32.store offset=8`)[2]).toBe(number);
});

test("finds parameters and locals by their names, and the loop that a branch goes to", () => {
  const body = `
    loop $outer
      local.get $second  i32.const 1  i32.add  local.set $second
      loop $inner
        local.get $place  local.get $second  i32.store offset=0
        local.get $place  i32.const 4  i32.add  local.tee $place
        local.get $first  i32.lt_u  br_if $outer
      end
    end`;
  expect(run(body, 12, 7)).toEqual(Int32Array.of(8, 9, 10, 0));
  expect(run(body.replace("br_if $outer", "br_if $inner"), 8, 7)).toEqual(Int32Array.of(8, 8, 0, 0));
});

test("refuses what it does not know", () => {
  expect(() => run("i64.add")).toThrow("i64.add");
  expect(() => run("local.get $third")).toThrow("$third");
  expect(() => run("loop $here  local.get $first  br_if $there  end")).toThrow("$there");
});
