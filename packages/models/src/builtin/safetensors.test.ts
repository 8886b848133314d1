import { expect, test } from "vitest";
import { readSafetensors, toFloats } from "./safetensors.ts";

function file(halves: number[], dtype = "F16"): Uint8Array {
  const header = new TextEncoder().encode(JSON.stringify({ t: { dtype, shape: [halves.length], data_offsets: [0, halves.length * 2] } }));
  const bytes = new Uint8Array(8 + header.length + halves.length * 2);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(header.length), true);
  bytes.set(header, 8);
  for (const [index, half] of halves.entries()) view.setUint16(8 + header.length + index * 2, half, true);
  return bytes;
}

test("widens every kind of half-precision value", () => {
  const tensor = readSafetensors(file([0x3c00, 0xc000, 0x3555, 0x0001, 0x8000, 0x7c00, 0x7e00]))("t");
  expect(tensor.shape).toEqual([7]);
  const [one, minusTwo, third, smallest, minusZero, infinity, notANumber] = toFloats(tensor);
  expect([one, minusTwo, minusZero, infinity, notANumber]).toEqual([1, -2, -0, Number.POSITIVE_INFINITY, Number.NaN]);
  expect(third).toBeCloseTo(1 / 3, 3);
  expect(smallest).toBe(2 ** -24);
});

test("refuses tensors that are absent or of another kind", () => {
  expect(() => readSafetensors(file([0]))("other")).toThrow("other");
  expect(() => readSafetensors(file([0], "F32"))("t")).toThrow("half-precision");
});
